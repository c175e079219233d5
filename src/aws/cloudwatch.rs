//! CloudWatch's metrics of Bedrock: which models there are, and their numbers, one page each.

use jiff::Timestamp;
use serde::Deserialize;
use serde_json::{Value, json};

use super::answer::Answer;
use super::awsjson::{Service, Version};
use super::clients::Aws;
use super::loose::{Loose, LooseList, text};

/// Where Bedrock's runtime puts its metrics. (Mantle has a namespace of its own.)
pub const NAMESPACE: &str = "AWS/Bedrock";
/// The dimension that names the model: the id that was called, so of a profile the profile's.
const DIMENSION: &str = "ModelId";
/// AWS's own limit of one GetMetricData.
pub const QUERIES_PER_CALL: usize = 500;

/// One series of numbers that is asked for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Query {
    /// Its name in the answer: a small letter, then letters, digits and `_`.
    pub id: String,
    /// The metric: `InputTokenCount`.
    pub metric: &'static str,
    /// The model.
    pub model: String,
    /// The statistic: `Sum`, `Average`, `Maximum`, `SampleCount`.
    pub statistic: &'static str,
}

/// When, and in what steps.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Steps {
    /// The beginning, included.
    pub from: Timestamp,
    /// The end, not included.
    pub to: Timestamp,
    /// Seconds of each step: a multiple of 60, a day at most.
    pub seconds: i64,
}

/// Numbers of a series, each with the beginning of its step.
#[derive(Debug, Clone, PartialEq)]
pub struct Series {
    /// The query's name.
    pub id: String,
    /// The numbers of this page.
    pub points: Vec<(Timestamp, f64)>,
    /// AWS could not or would not give all of them.
    pub failed: bool,
}

/// A page of an answer.
#[derive(Debug, Clone, PartialEq)]
pub struct Page<T> {
    /// What is on it.
    pub items: Vec<T>,
    /// What to ask for the next page with.
    pub next: Option<String>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default, rename_all = "PascalCase")]
struct Listed {
    metrics: LooseList<Metric>,
    next_token: Loose<String>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default, rename_all = "PascalCase")]
struct Metric {
    dimensions: LooseList<Dimension>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default, rename_all = "PascalCase")]
struct Dimension {
    name: Loose<String>,
    value: Loose<String>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default, rename_all = "PascalCase")]
struct Data {
    metric_data_results: LooseList<Numbers>,
    next_token: Loose<String>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default, rename_all = "PascalCase")]
struct Numbers {
    id: Loose<String>,
    /// Seconds since 1970.
    timestamps: Loose<Vec<f64>>,
    values: Loose<Vec<f64>>,
    status_code: Loose<String>,
}

/// Models that were called lately, once for each of their metrics, by ListMetrics: it forgets a metric two weeks after its last
/// number. Not by `Invocations` alone: a model whose calls were all refused has none.
pub async fn models(aws: &Aws, url: &str, next: Option<&str>) -> Answer<Page<String>> {
    let mut body = json!({ "Namespace": NAMESPACE });
    if let Some(token) = next {
        body["NextToken"] = json!(token);
    }
    match call::<Listed>(aws, url, "ListMetrics", &body).await {
        Answer::Got(listed) => Answer::Got(Page {
            items: listed.metrics.members().filter_map(Metric::model).collect(),
            next: text(listed.next_token),
        }),
        other => other.without_value("the page was not read"),
    }
}

/// Numbers of up to [`QUERIES_PER_CALL`] series.
pub async fn data(aws: &Aws, url: &str, queries: &[Query], steps: Steps, next: Option<&str>) -> Answer<Page<Series>> {
    let mut body = json!({
        "StartTime": steps.from.as_second(),
        "EndTime": steps.to.as_second(),
        "MetricDataQueries": queries.iter().map(|query| query.body(steps.seconds)).collect::<Vec<_>>(),
    });
    if let Some(token) = next {
        body["NextToken"] = json!(token);
    }
    match call::<Data>(aws, url, "GetMetricData", &body).await {
        Answer::Got(data) => Answer::Got(Page {
            items: data.metric_data_results.members().filter_map(Numbers::series).collect(),
            next: text(data.next_token),
        }),
        other => other.without_value("the page was not read"),
    }
}

async fn call<T: serde::de::DeserializeOwned>(aws: &Aws, url: &str, operation: &str, body: &Value) -> Answer<T> {
    let service = Service { url, name: "monitoring", region: &aws.region, version: Version::V1_0 };
    service.call(aws, &format!("GraniteServiceVersion20100801.{operation}"), body).await
}

impl Query {
    fn body(&self, seconds: i64) -> Value {
        let metric = json!({
            "Namespace": NAMESPACE,
            "MetricName": self.metric,
            "Dimensions": [{ "Name": DIMENSION, "Value": self.model }],
        });
        let statistic = json!({ "Metric": metric, "Period": seconds, "Stat": self.statistic });
        json!({ "Id": self.id, "MetricStat": statistic, "ReturnData": true })
    }
}

impl Metric {
    /// The model, where it is the only dimension: others (image sizes, all models together) count the same calls again.
    fn model(self) -> Option<String> {
        let mut dimensions = self.dimensions.members();
        let only = dimensions.next()?;
        let is_model = text(only.name).as_deref() == Some(DIMENSION) && dimensions.next().is_none();
        is_model.then(|| text(only.value)).flatten()
    }
}

impl Numbers {
    fn series(self) -> Option<Series> {
        let (times, values) = (self.timestamps.or_empty(), self.values.or_empty());
        let points = times.into_iter().zip(values).filter_map(|(time, value)| {
            // A time that is none becomes one that no calendar has.
            Some((Timestamp::from_second(time as i64).ok()?, Some(value).filter(|value| value.is_finite())?))
        });
        let failed = matches!(text(self.status_code).as_deref(), Some("InternalError" | "Forbidden"));
        Some(Series { id: text(self.id)?, points: points.collect(), failed })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_metrics_of_one_model_name_a_model() {
        let listed: Listed = serde_json::from_str(
            r#"{"Metrics": [
              {"Namespace": "AWS/Bedrock", "MetricName": "Invocations", "Dimensions": [{"Name": "ModelId", "Value": "us.anthropic.claude-opus-5-5"}]},
              {"Dimensions": []}, {"Dimensions": [{"Name": "ModelId", "Value": "m"}, {"Name": "ImageSize", "Value": "s"}]},
              {"Dimensions": [{"Name": "Other", "Value": "m"}]}, {"Dimensions": null}, 7
            ], "NextToken": "t"}"#,
        )
        .expect("an object");
        let models: Vec<_> = listed.metrics.members().filter_map(Metric::model).collect();
        assert_eq!(models, ["us.anthropic.claude-opus-5-5"]);
    }

    #[test]
    fn numbers_come_with_their_times_and_odd_ones_do_not() {
        let read = |text: &str| serde_json::from_str::<Numbers>(text).expect("an object").series();
        let series = read(
            r#"{"Id":"m0","Label":"x","Timestamps":[1795478400,1.7953920E9],"Values":[7.0,5],"StatusCode":"Complete"}"#,
        );
        let series = series.expect("a series");
        let points: Vec<_> = series.points.iter().map(|(time, value)| (time.as_second(), *value)).collect();
        assert_eq!((points, series.failed), (vec![(1_795_478_400, 7.0), (1_795_392_000, 5.0)], false));
        assert!(read(r#"{"Id":"m0","StatusCode":"Forbidden"}"#).expect("a series").failed);
        let odd = read(r#"{"Id":"m0","Timestamps":[1e300,2],"Values":[1,2,3]}"#).expect("a series");
        assert_eq!(odd.points.len(), 1, "{odd:?}");
        assert_eq!(read(r#"{"Timestamps":[1],"Values":[1]}"#), None);
    }
}
