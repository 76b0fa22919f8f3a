//! `amplify_outputs.json`, the configuration of Amplify's second generation.

use super::{Config, IdentityPoolConfig, OAuthConfig, SocialConfig, UserPoolConfig};
use super::{host, identity_pool_id, pool_and_client};
use crate::core::json::Reader;

pub(super) fn read(root: &Reader<'_>) -> Config {
    let auth = root.section("auth");
    let pool = pool_and_client(&auth, "user_pool_id", "user_pool_client_id");
    let oauth = auth.section("oauth");
    Config {
        oauth: pool
            .as_ref()
            .filter(|_| auth.has("oauth"))
            .map(|(_, client_id)| OAuthConfig {
                web_domain: host(&oauth, "domain"),
                scopes: oauth.texts("scopes"),
                sign_in_redirect_uris: oauth.texts("redirect_sign_in_uri"),
                sign_out_redirect_uris: oauth.texts("redirect_sign_out_uri"),
                ..OAuthConfig::of_client(client_id.clone())
            }),
        user_pool: pool.map(|(pool_id, client_id)| UserPoolConfig::of_aws(pool_id, client_id)),
        identity_pool: identity_pool_id(&auth, "identity_pool_id").map(IdentityPoolConfig::of_aws),
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
    fn a_bad_value_is_named_by_its_path() {
        let error = Config::parse(r#"{"auth":{"user_pool_id":"us-east-1_A","user_pool_client_id":3}}"#).unwrap_err();
        assert!(
            error.message.contains("auth.user_pool_client_id must be a string"),
            "{}",
            error.message
        );
    }
}
