//! `amplify_outputs.json`, the configuration of Amplify's second generation.

use std::rc::Rc;

use super::{Config, OAuthConfig, SocialConfig, amplify_identity_pool, amplify_user_pool, host};
use crate::core::json::Reader;

pub(super) fn read(root: &Reader<'_>) -> Config {
    let auth = root.section("auth");
    // The endpoints are no keys of Amplify's, which has them in its runtime object only.
    let user_pool = amplify_user_pool(&auth, ["user_pool_id", "user_pool_client_id", "user_pool_endpoint"]);
    let oauth = auth.section("oauth");
    Config {
        oauth: user_pool
            .as_ref()
            .filter(|_| auth.has("oauth"))
            .map(|pool| OAuthConfig {
                web_domain: host(&oauth, "domain"),
                scopes: oauth.texts("scopes"),
                sign_in_redirect_uris: oauth.texts("redirect_sign_in_uri"),
                sign_out_redirect_uris: oauth.texts("redirect_sign_out_uri"),
                ..OAuthConfig::of_client(pool.client_id.clone())
            }),
        user_pool: user_pool.map(Rc::new),
        identity_pool: amplify_identity_pool(&auth, ["identity_pool_id", "identity_pool_endpoint"]),
        social: SocialConfig::default(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn amplify_outputs_are_read() {
        let document = json!({"version": "1", "auth": {
            "aws_region": "us-east-1", "user_pool_id": "us-east-1_AbC", "user_pool_client_id": "c",
            "identity_pool_id": "us-east-1:0f6d", "unauthenticated_identities_enabled": true,
            "oauth": {"domain": "d.example.com", "scopes": ["openid"], "response_type": "code",
                "redirect_sign_in_uri": ["http://localhost:3000/", "https://app/"], "redirect_sign_out_uri": ["https://out/"],
                "identity_providers": ["GOOGLE"]}}});
        let config = Config::parse(&document.to_string()).unwrap();
        assert_eq!(config.user_pool.unwrap().pool_id.as_str(), "us-east-1_AbC");
        assert_eq!(config.identity_pool.unwrap().pool_id.as_str(), "us-east-1:0f6d");
        let oauth = config.oauth.unwrap();
        assert_eq!(oauth.sign_in_redirect_uris, ["http://localhost:3000/", "https://app/"]);
        assert_eq!(oauth.client_id.as_str(), "c");
    }

    #[test]
    fn an_endpoint_may_stand_beside_each_pool() {
        let document = json!({"auth": {"user_pool_id": "us-east-1_A", "user_pool_client_id": "c",
            "user_pool_endpoint": "a.example.com", "identity_pool_id": "us-east-1:0f",
            "identity_pool_endpoint": "http://localhost:9229"}});
        let config = Config::parse(&document.to_string()).unwrap();
        assert_eq!(config.user_pool.unwrap().endpoint.url(), "https://a.example.com/");
        assert_eq!(config.identity_pool.unwrap().endpoint.url(), "http://localhost:9229/");
    }

    #[test]
    fn a_bad_value_is_named_by_its_path() {
        let error = Config::parse(r#"{"auth":{"user_pool_id":"us-east-1_A","user_pool_client_id":3}}"#).unwrap_err();
        assert!(
            error.message.contains("auth.user_pool_client_id must be a string"),
            "{}",
            error.message
        );
    }
}
