//! AWS's price list: GetProducts, one page. A product is JSON inside of JSON.

use serde_json::{Value, json};

use super::answer::Answer;
use super::awsjson::{Service, Version};
use super::clients::Aws;
use super::cloudwatch::Page;
use crate::price::refresh::Product;

/// The service that sells Claude.
const SERVICE: &str = "AmazonBedrockFoundationModels";
/// Pages that are read at most; a region has about ten.
pub const PAGES: usize = 60;

/// Host and signing region of the price list of a region's partition; `None` where it has none.
pub fn home(region: &str) -> Option<(&'static str, &'static str)> {
    if region.starts_with("cn-") {
        Some(("api.pricing.cn-northwest-1", "cn-northwest-1"))
    } else if region.starts_with("us-gov-") || region.starts_with("us-iso") || region.starts_with("eusc-") {
        None
    } else if region.starts_with("eu-") {
        Some(("api.pricing.eu-central-1", "eu-central-1"))
    } else if region.starts_with("ap-") {
        Some(("api.pricing.ap-south-1", "ap-south-1"))
    } else {
        Some(("api.pricing.us-east-1", "us-east-1"))
    }
}

/// One page of the products of a region, asked at `url` and signed for `home`.
pub async fn products(aws: &Aws, url: &str, home: &str, region: &str, next: Option<&str>) -> Answer<Page<Product>> {
    let mut body = json!({
        "ServiceCode": SERVICE,
        "Filters": [{ "Type": "TERM_MATCH", "Field": "regionCode", "Value": region }],
        "FormatVersion": "aws_v1",
        "MaxResults": 100,
    });
    if let Some(token) = next {
        body["NextToken"] = json!(token);
    }
    let service = Service { url, name: "pricing", region: home, version: Version::V1_1 };
    match service.call::<Value>(aws, "AWSPriceListService.GetProducts", &body).await {
        Answer::Got(page) => {
            let list = page["PriceList"].as_array().map(Vec::as_slice).unwrap_or_default();
            let next = page["NextToken"].as_str().filter(|token| !token.is_empty()).map(str::to_owned);
            Answer::Got(Page { items: list.iter().filter_map(product).collect(), next })
        }
        other => other.without_value("the page was not read"),
    }
}

/// A product with exactly one price on demand.
fn product(item: &Value) -> Option<Product> {
    let whole: Value = match item {
        Value::String(text) => serde_json::from_str(text).ok()?,
        object => object.clone(),
    };
    let attributes = &whole["product"]["attributes"];
    let mut terms = whole["terms"]["OnDemand"].as_object()?.values();
    let (term, None) = (terms.next()?, terms.next()) else { return None };
    let mut dimensions = term["priceDimensions"].as_object()?.values();
    let (dimension, None) = (dimensions.next()?, dimensions.next()) else { return None };
    let text = |value: &Value| value.as_str().map(str::to_owned);
    Some(Product {
        service: text(&attributes["servicename"])?,
        usage_type: text(&attributes["usagetype"])?,
        unit: text(&dimension["unit"])?,
        dollars: text(&dimension["pricePerUnit"]["USD"])?,
        since: term["effectiveDate"].as_str().and_then(|date| date.get(..10)?.parse().ok()),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_product_has_one_price_and_two_are_none() {
        let dimension = |usd: &str| json!({ "unit": "1M tokens", "pricePerUnit": { "USD": usd } });
        let item = |dimensions: Value| {
            let product = json!({
                "product": { "attributes": { "servicename": "Claude Opus 5.5 (Amazon Bedrock Edition)", "usagetype": "USE1-MP:USE1_input_tokens_standard-Units" } },
                "terms": { "OnDemand": { "A.B": { "effectiveDate": "2026-11-01T00:00:00Z", "priceDimensions": dimensions } } },
            });
            Value::String(product.to_string())
        };
        let read = product(&item(json!({ "A.B.C": dimension("4.4000000000") }))).expect("a product");
        assert_eq!((read.dollars.as_str(), read.since), ("4.4000000000", "2026-11-01".parse().ok()));
        assert_eq!(product(&item(json!({ "A.B.C": dimension("1"), "A.B.D": dimension("2") }))), None);
        assert_eq!(product(&json!("no json")), None);
    }
}
