//! CloudWatch: the calls that were made, what others used, and the paging of both.

use jiff::{SignedDuration, Timestamp};

use super::*;
use crate::support::fake_aws::account::{Day, MetricDay, date_of, start_of};

fn cloudwatch(operation: &str, parameters: Value) -> Value {
    json!({ "service": "cloudwatch", "operation": operation, "parameters": parameters })
}

/// A query for one metric in periods of a day.
fn query(id: &str, metric: &str, model: Option<&str>, stat: &str) -> Value {
    let dimensions: Vec<Value> = model.iter().map(|model| json!({ "Name": "ModelId", "Value": model })).collect();
    json!({ "Id": id, "MetricStat": {
        "Metric": { "Namespace": "AWS/Bedrock", "MetricName": metric, "Dimensions": dimensions }, "Period": 86_400, "Stat": stat,
    } })
}

/// From midnight so many days ago until tomorrow.
fn since(days: i64) -> (String, String) {
    let now = Timestamp::now();
    let at = |hours| start_of(date_of(now + SignedDuration::from_hours(hours))).to_string();
    (at(-24 * days), at(24))
}

fn data(queries: Value) -> Value {
    let (start, end) = since(1);
    cloudwatch("get_metric_data", json!({ "MetricDataQueries": queries, "StartTime": start, "EndTime": end }))
}

/// First value of each query, by id.
fn values(result: &Value) -> Vec<(String, f64)> {
    let results = result["answer"]["MetricDataResults"].as_array().unwrap_or_else(|| panic!("no results: {result}"));
    let first =
        |line: &Value| (line["Id"].as_str().expect("an id").to_owned(), line["Values"][0].as_f64().unwrap_or(-1.0));
    results.iter().map(first).collect()
}

#[test]
fn calls_are_counted_under_the_id_that_was_called() {
    let opus = "us.anthropic.claude-opus-5-5";
    let arn = format!("arn:aws:bedrock:us-east-1:{ACCOUNT_ID}:inference-profile/{HAIKU}");
    let throttled = Rule::on("InvokeModel", Behaviour::throttle()).for_model("sonnet");
    let broken = Rule::on("InvokeModel", Behaviour::refuse(500, "InternalServerException", "x")).for_model("opus-5-5");
    let aws = FakeAws::with(Account::default().rule(throttled).rule(broken));
    let calls = json!([
        invoke(HAIKU), stream(&arn), invoke(opus), stream(opus), invoke(BARE_HAIKU), invoke("us.anthropic.claude-sonnet-5-5"),
        { "service": "bedrock-runtime", "operation": "count_tokens", "parameters": { "modelId": BARE_HAIKU, "input": { "invokeModel": { "body": messages(1) } } } },
    ]);
    let made = boto3(&sandbox(&aws), calls);
    let whole: Value = serde_json::from_str(made[0]["answer"]["body"].as_str().expect("a body")).expect("JSON");
    let (input, output) = (whole["usage"]["input_tokens"].as_f64(), whole["usage"]["output_tokens"].as_f64());

    let queries = json!([
        query("haiku", "Invocations", Some(HAIKU), "Sum"),
        query("bare", "Invocations", Some(BARE_HAIKU), "Sum"),
        query("all", "Invocations", None, "Sum"),
        query("input", "InputTokenCount", Some(HAIKU), "Sum"),
        query("output", "OutputTokenCount", Some(HAIKU), "Maximum"),
        query("samples", "OutputTokenCount", Some(HAIKU), "SampleCount"),
        query("latency", "InvocationLatency", None, "Average"),
        query("client", "InvocationClientErrors", None, "Sum"),
        query("server", "InvocationServerErrors", Some(opus), "Sum"),
        query("throttles", "InvocationThrottles", None, "Sum"),
    ]);
    let results = boto3(&sandbox(&aws), json!([data(queries.clone())]));
    let expected = [
        ("haiku", 2.0),
        ("bare", -1.0),
        ("all", 3.0),
        ("input", input.map_or(0.0, |each| each * 2.0)),
        ("output", output.unwrap_or_default()),
        ("samples", 2.0),
        ("latency", 42.0),
        ("client", 1.0),
        ("server", 1.0),
        ("throttles", 1.0),
    ];
    assert_eq!(values(&results[0]), expected.map(|(id, value)| (id.to_owned(), value)), "{results:#?}");
    let away = boto3(&sandbox(&aws).env("AWS_DEFAULT_REGION", "us-west-2"), json!([data(queries)]));
    assert!(values(&away[0]).iter().all(|(_, value)| *value < 0.0), "metrics lie in the region of the call: {away:?}");
}

#[test]
fn the_cli_pages_through_days_that_others_used() {
    let day = |ago, input| MetricDay {
        day: Day::Ago(ago),
        invocations: 4,
        input,
        model: HAIKU.into(),
        ..MetricDay::default()
    };
    let metrics = (0..6).map(|ago| day(ago, 1_000 + ago as u64)).collect();
    let aws = FakeAws::with(Account { metrics, ..Account::default() });
    let (start, end) = since(4);
    let queries =
        json!([query("calls", "Invocations", None, "Sum"), query("input", "InputTokenCount", Some(HAIKU), "Sum")]);
    let range = ["--start-time", &start, "--end-time", &end];
    let ask = |more: &[&str]| {
        let queries = queries.to_string();
        let arguments =
            [&["cloudwatch", "get-metric-data", "--metric-data-queries", &queries][..], &range, more].concat();
        cli(&sandbox(&aws), &arguments).exits(0).json()
    };
    let whole = ask(&[]);
    assert_eq!(
        whole["MetricDataResults"][1]["Values"],
        json!([1_000.0, 1_001.0, 1_002.0, 1_003.0, 1_004.0]),
        "newest first"
    );
    let days = aws.log().of("GetMetricData").len();
    let paged = ask(&["--page-size", "3"]);
    assert_eq!(aws.log().of("GetMetricData").len() - days, 4, "ten values, three to a page");
    let pieces = paged["MetricDataResults"].as_array().expect("results");
    let of = |id: &str| -> f64 {
        let lines = pieces.iter().filter(|line| line["Id"] == id);
        lines.flat_map(|line| line["Values"].as_array().expect("values")).filter_map(Value::as_f64).sum()
    };
    assert_eq!((of("calls"), of("input")), (20.0, 5_010.0));

    let statistics =
        ["cloudwatch", "get-metric-statistics", "--namespace", "AWS/Bedrock", "--metric-name", "InputTokenCount"];
    let more = ["--period", "86400", "--statistics", "Average", "SampleCount"];
    let told = cli(&sandbox(&aws), &[&statistics[..], &more, &range].concat()).exits(0).json();
    let points = told["Datapoints"].as_array().expect("datapoints");
    let sum: f64 =
        points.iter().filter_map(|point| Some(point["Average"].as_f64()? * point["SampleCount"].as_f64()?)).sum();
    assert_eq!((points.len(), sum), (5, 5_010.0));
}

#[test]
fn list_metrics_names_what_has_data_page_by_page() {
    let row = |model: String| MetricDay { invocations: 1, input: 1, output: 1, model, ..MetricDay::default() };
    let mut metrics: Vec<MetricDay> = (0..150).map(|number| row(format!("model-{number:03}"))).collect();
    metrics.push(MetricDay { day: Day::Ago(20), ..row("forgotten".into()) });
    let aws = FakeAws::with(Account { metrics, ..Account::default() });
    let listed = cli(&sandbox(&aws), &["cloudwatch", "list-metrics", "--namespace", "AWS/Bedrock"]).exits(0).json();
    // Invocations, latency, input, output: each per model and once for all of them.
    assert_eq!(listed["Metrics"].as_array().map(Vec::len), Some(4 * 151));
    assert_eq!(aws.log().of("ListMetrics").len(), 2);
    let narrow = |parameters| cloudwatch("list_metrics", parameters);
    let results = boto3(
        &sandbox(&aws),
        json!([
            narrow(json!({ "MetricName": "Invocations", "Dimensions": [{ "Name": "ModelId", "Value": "model-007" }] })),
            narrow(json!({ "MetricName": "Invocations", "Dimensions": [{ "Name": "ModelId" }] })),
            narrow(json!({ "Namespace": "AWS/EC2" })),
        ]),
    );
    let counts: Vec<_> = results.iter().map(|result| result["answer"]["Metrics"].as_array().map(Vec::len)).collect();
    assert_eq!(counts, [Some(1), Some(150), Some(0)]);
}

#[test]
fn cloudwatch_refuses_in_the_codes_of_its_query_days() {
    let aws = FakeAws::start();
    let line = |id: &str| query(id, "Invocations", None, "Sum");
    let many: Vec<Value> = (0..501).map(|number| line(&format!("q{number}"))).collect();
    let backwards = json!({ "MetricDataQueries": [line("a")], "StartTime": 2_000_000, "EndTime": 1_000_000 });
    let fine = json!({ "Namespace": "AWS/Bedrock", "MetricName": "Invocations", "StartTime": 0, "EndTime": 86_460, "Period": 60, "Statistics": ["Sum"] });
    let calls = json!([
        data(json!(many)),
        data(json!([line("1a")])),
        data(json!([line("a"), line("a")])),
        cloudwatch("get_metric_data", backwards),
        cloudwatch("get_metric_statistics", fine),
    ]);
    let results = boto3(&sandbox(&aws), calls);
    let codes: Vec<_> = results.iter().map(refusal).collect();
    assert_eq!(codes[..4], [("ValidationError", 400); 4], "{results:#?}");
    assert_eq!(codes[4], ("InvalidParameterCombination", 400), "{results:#?}");

    let ask = || json!([cloudwatch("list_metrics", json!({}))]);
    let stranger = boto3(&sandbox(&aws).keys(("AKIAUNKNOWN000000000", "x"), None), ask());
    assert_eq!(refusal(&stranger[0]), ("InvalidClientTokenId", 403));
    aws.change(|account| account.rules.push(Rule::on("ListMetrics", Behaviour::deny_by_iam())));
    let denied = boto3(&sandbox(&aws), ask()).remove(0);
    assert_eq!(refusal(&denied), ("AccessDenied", 403));
    let text = denied["error"]["message"].as_str().unwrap_or_default();
    assert!(text.ends_with("is not authorized to perform: cloudwatch:ListMetrics because no identity-based policy allows the cloudwatch:ListMetrics action"), "{text}");
}
