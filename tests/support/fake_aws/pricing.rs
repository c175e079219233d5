//! The price list (`awsJson1.1`): `GetProducts`, whose products are JSON within JSON.

use serde_json::{Map, Value, json};
use sha2::{Digest, Sha256};

use super::account::{Account, Price};
use super::errors::Fault;
use super::sigv4::hex;
use super::wire::{Call, Reply};

const TERM: &str = "JRTCKXETXF"; // on demand
const RATE: &str = "6YS6EN2CT7"; // per unit
const SINCE: &str = "2026-11-01T00:00:00Z";

/// Answers one operation.
pub fn answer(call: &Call, account: &Account) -> Result<Reply, Fault> {
    if call.operation != "GetProducts" {
        return Err(Fault::unknown_operation(call));
    }
    let asked = call.json().unwrap_or_default();
    let invalid = |text: &str| Fault::new(400, "InvalidParameterException", text);
    let code = asked["ServiceCode"].as_str().unwrap_or_default();
    if !account.prices.iter().any(|price| price.service_code == code) {
        return Err(Fault::new(400, "NotFoundException", format!("Unable to find the service {code}.")));
    }
    let size = asked["MaxResults"].as_u64().unwrap_or(100) as usize;
    if !(1..=100).contains(&size) {
        return Err(invalid("Input Parameters are invalid. MaxResults must be between 1 and 100."));
    }
    let mut products = Vec::new();
    for price in account.prices.iter().filter(|price| price.service_code == code) {
        let attributes = attributes(price);
        let mut fits = true;
        for filter in asked["Filters"].as_array().into_iter().flatten() {
            if !matches!(filter["Type"].as_str(), Some("TERM_MATCH" | "EQUALS")) {
                return Err(invalid("The fake AWS only knows filters of type TERM_MATCH and EQUALS."));
            }
            let field = filter["Field"].as_str().unwrap_or_default();
            fits &= attributes.get(field).is_some_and(|value| *value == filter["Value"]);
        }
        if fits {
            products.push(product(price, attributes));
        }
    }
    let from = match asked["NextToken"].as_str() {
        None => 0,
        Some(token) => token
            .strip_prefix("page-")
            .and_then(|at| at.parse().ok())
            .ok_or_else(|| Fault::new(400, "InvalidNextTokenException", "The pagination token is invalid."))?,
    };
    let page: Vec<String> = products.iter().skip(from).take(size).map(Value::to_string).collect();
    let mut body = json!({ "FormatVersion": "aws_v1", "PriceList": page });
    if from + size < products.len() {
        body["NextToken"] = json!(format!("page-{}", from + size));
    }
    Ok(Reply::new(200, "application/x-amz-json-1.1", body.to_string()))
}

fn attributes(price: &Price) -> Map<String, Value> {
    let location = match price.region.as_str() {
        "us-east-1" => "US East (N. Virginia)",
        "us-west-2" => "US West (Oregon)",
        other => other,
    };
    let mut attributes = Map::new();
    for (name, value) in [
        ("servicecode", price.service_code.as_str()),
        ("location", location),
        ("locationType", "AWS Region"),
        ("usagetype", &price.usage_type),
        ("operation", "Usage"),
        ("regionCode", &price.region),
        ("servicename", &price.service_name),
    ] {
        attributes.insert(name.into(), json!(value));
    }
    attributes.extend(price.attributes.iter().map(|(name, value)| (name.clone(), json!(value))));
    attributes
}

fn product(price: &Price, attributes: Map<String, Value>) -> Value {
    let sku = hex(&Sha256::digest(format!("{}{}", price.service_name, price.usage_type))).to_uppercase();
    let sku = &sku[..16];
    let (offer, rate) = (format!("{sku}.{TERM}"), format!("{sku}.{TERM}.{RATE}"));
    let dimension = json!({
        "unit": price.unit,
        "endRange": "Inf",
        "description": format!("${} per {} for {}", price.usd.trim_end_matches('0'), price.unit, price.usage_type),
        "appliesTo": [],
        "rateCode": rate,
        "beginRange": "0",
        "pricePerUnit": { "USD": price.usd },
    });
    let term = json!({
        "priceDimensions": { rate: dimension },
        "sku": sku,
        "effectiveDate": SINCE,
        "offerTermCode": TERM,
        "termAttributes": {},
    });
    json!({
        "product": { "productFamily": "Amazon Bedrock", "attributes": attributes, "sku": sku },
        "serviceCode": price.service_code,
        "terms": { "OnDemand": { offer: term } },
        "version": "20261101000000",
        "publicationDate": SINCE,
    })
}
