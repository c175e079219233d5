//! Service Quotas (`awsJson1.1`). A further service of this protocol is a file like this one and a line in the server.

use serde_json::{Value, json};

use super::account::{ACCOUNT_ID, Account, Quota};
use super::errors::Fault;
use super::wire::{Call, Reply};

/// Answers one operation.
pub fn answer(call: &Call, account: &Account) -> Result<Reply, Fault> {
    let asked = call.json().ok_or_else(|| Fault::new(400, "SerializationException", ""))?;
    let service = asked["ServiceCode"].as_str().unwrap_or_default();
    let known = account.quotas.get(service);
    match call.operation.as_str() {
        "ListServiceQuotas" => {
            let known = known.ok_or_else(missing)?;
            let size = asked["MaxResults"].as_u64().unwrap_or(100).clamp(1, 100) as usize;
            let from =
                asked["NextToken"].as_str().and_then(|token| token.strip_prefix("page-")?.parse().ok()).unwrap_or(0);
            let page: Vec<Value> =
                known.iter().skip(from).take(size).map(|quota| shape(service, quota, &call.region)).collect();
            let mut body = json!({ "Quotas": page });
            if from + size < known.len() {
                body["NextToken"] = json!(format!("page-{}", from + size));
            }
            Ok(reply(&body))
        }
        "GetServiceQuota" => {
            let quota = known.and_then(|known| known.iter().find(|quota| asked["QuotaCode"] == quota.code.as_str()));
            Ok(reply(&json!({ "Quota": shape(service, quota.ok_or_else(missing)?, &call.region) })))
        }
        _ => Err(Fault::unknown_operation(call)),
    }
}

fn missing() -> Fault {
    Fault::new(400, "NoSuchResourceException", "The request failed because the specified service quota does not exist.")
}

fn reply(body: &Value) -> Reply {
    Reply::new(200, "application/x-amz-json-1.1", body.to_string())
}

fn shape(service: &str, quota: &Quota, region: &str) -> Value {
    json!({
        "ServiceCode": service,
        "ServiceName": "Amazon Bedrock",
        "QuotaArn": format!("arn:aws:servicequotas:{region}:{ACCOUNT_ID}:{service}/{}", quota.code),
        "QuotaCode": quota.code,
        "QuotaName": quota.name,
        "Value": quota.value,
        "Unit": "None",
        "Adjustable": quota.adjustable,
        "GlobalQuota": false,
    })
}
