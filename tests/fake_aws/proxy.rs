//! The proxy of the test bed: what it lets through, what it refuses, whom it makes clients trust.

use super::*;

#[test]
fn an_intercepted_client_reaches_the_fake_under_awss_own_names() {
    let aws = FakeAws::start();
    let proxy = HttpsProxy::start(Mode::Intercept(aws.address()));
    let results = boto3(&through(&proxy, Sandbox::new().keys(GOOD_KEY, None)), json!([identity(), stream(HAIKU)]));
    assert_eq!(results[0]["answer"]["Account"], ACCOUNT_ID, "{results:?}");
    assert_eq!(results[1]["answer"]["broken"], Value::Null, "{results:?}");
    assert_eq!(proxy.dialled(), ["sts.us-east-1.amazonaws.com:443", "bedrock-runtime.us-east-1.amazonaws.com:443"]);
    assert_eq!(aws.log().entries()[1].host, "bedrock-runtime.us-east-1.amazonaws.com");
}

#[test]
fn a_signature_for_another_region_than_the_hosts_is_refused() {
    let aws = FakeAws::start();
    let proxy = HttpsProxy::start(Mode::Intercept(aws.address()));
    let sandbox = through(&proxy, Sandbox::new().keys(GOOD_KEY, None))
        .env("AWS_ENDPOINT_URL_BEDROCK", "https://bedrock.eu-west-1.amazonaws.com");
    let results = boto3(&sandbox, json!([profiles()]));
    assert_eq!(refusal(&results[0]), ("InvalidSignatureException", 403));
}

#[test]
fn a_client_that_does_not_know_the_ca_says_so() {
    let aws = FakeAws::start();
    let proxy = HttpsProxy::start(Mode::Intercept(aws.address()));
    let keys = || Sandbox::new().keys(GOOD_KEY, None);
    let strangers =
        [through(&proxy, keys()).unset("AWS_CA_BUNDLE"), sandbox(&aws).env("AWS_ENDPOINT_URL", proxy.https_url())];
    for sandbox in strangers {
        assert_eq!(refusal(&boto3(&sandbox, json!([profiles()]))[0]).0, "SSLError");
    }
    let friend = sandbox(&aws).env("AWS_ENDPOINT_URL", proxy.https_url()).env("AWS_CA_BUNDLE", proxy.ca_pem_path());
    assert!(boto3(&friend, json!([profiles()]))[0]["answer"].is_object());
    assert_eq!(aws.log().operations(), ["ListInferenceProfiles"], "strangers never got through");
}

#[test]
fn it_refuses_resets_and_asks_for_a_password_as_told() {
    let aws = FakeAws::start();
    let here = Mode::Intercept(aws.address());
    let ask =
        |proxy: &HttpsProxy| boto3(&through(proxy, Sandbox::new().keys(GOOD_KEY, None)), json!([identity()])).remove(0);
    let cases = [
        (Mode::Refuse(403), "ProxyConnectionError"),
        (Mode::Refuse(502), "ProxyConnectionError"),
        (Mode::Reset, "ConnectionClosedError"),
    ];
    for (mode, expected) in cases {
        assert_eq!(refusal(&ask(&HttpsProxy::start(mode))).0, expected);
    }
    assert!(aws.log().entries().is_empty(), "nothing got through");
    let proxy = HttpsProxy::with_password(here, "alice", "open sesame");
    assert_eq!(refusal(&ask(&proxy)).0, "ProxyConnectionError");
    assert!(status_line(&proxy).starts_with("HTTP/1.1 407 "), "botocore does not tell the status");
    assert!(status_line(&HttpsProxy::start(Mode::Refuse(403))).starts_with("HTTP/1.1 403 "));
    let url = proxy.url().replace("http://", "http://alice:open%20sesame@");
    let known = through(&proxy, Sandbox::new().keys(GOOD_KEY, None)).env("HTTPS_PROXY", url);
    assert_eq!(boto3(&known, json!([identity()]))[0]["answer"]["Account"], ACCOUNT_ID);
}

#[test]
fn without_interception_the_bytes_pass_as_they_are() {
    let aws = FakeAws::start();
    let inner = HttpsProxy::start(Mode::Intercept(aws.address()));
    let address = inner.url().trim_start_matches("http://").parse().expect("an address");
    let tunnel = HttpsProxy::start(Mode::Tunnel(address));
    // The certificate at the far end is for 127.0.0.1, so that is the name to dial.
    let sandbox = through(&tunnel, sandbox(&aws))
        .env("AWS_ENDPOINT_URL", "https://127.0.0.1:1")
        .env("AWS_CA_BUNDLE", inner.ca_pem_path());
    assert!(boto3(&sandbox, json!([profiles()]))[0]["answer"].is_object());
    assert_eq!(tunnel.dialled(), ["127.0.0.1:1"]);
}

/// What the proxy answers to a bare `CONNECT`.
fn status_line(proxy: &HttpsProxy) -> String {
    let address = proxy.url().trim_start_matches("http://").to_owned();
    let mut stream = std::net::TcpStream::connect(address).expect("the proxy listens");
    stream.write_all(b"CONNECT sts.us-east-1.amazonaws.com:443 HTTP/1.1\r\n\r\n").expect("a request is sent");
    std::io::read_to_string(stream).expect("the proxy answers and closes")
}
