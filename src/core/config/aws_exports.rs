//! The `aws-exports` object, the configuration of Amplify's first generation.

use std::rc::Rc;

use super::{Config, OAuthConfig, SocialConfig, amplify_identity_pool, amplify_user_pool, comma_list, host};
use crate::core::json::Reader;

pub(super) fn read(root: &Reader<'_>) -> Config {
    // The endpoints are no keys of Amplify's, which has them in its runtime object only.
    let user_pool = amplify_user_pool(
        root,
        [
            "aws_user_pools_id",
            "aws_user_pools_web_client_id",
            "aws_user_pools_endpoint",
        ],
    );
    let oauth = root.section("oauth");
    Config {
        // A section without members is what the tool writes for an app that has no hosted login.
        oauth: user_pool
            .as_ref()
            .filter(|_| oauth.has("domain"))
            .map(|pool| OAuthConfig {
                web_domain: host(&oauth, "domain"),
                scopes: oauth.texts("scope"),
                sign_in_redirect_uris: comma_list(&oauth, "redirectSignIn"),
                sign_out_redirect_uris: comma_list(&oauth, "redirectSignOut"),
                ..OAuthConfig::of_client(pool.client_id.clone())
            }),
        user_pool: user_pool.map(Rc::new),
        identity_pool: amplify_identity_pool(
            root,
            ["aws_cognito_identity_pool_id", "aws_cognito_identity_pool_endpoint"],
        ),
        social: SocialConfig::default(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn aws_exports_are_read() {
        let document = json!({
            "aws_project_region": "eu-west-1", "aws_cognito_region": "eu-west-1",
            "aws_user_pools_id": "eu-west-1_A", "aws_user_pools_web_client_id": "c",
            "aws_cognito_identity_pool_id": "eu-west-1:0f", "federationTarget": "COGNITO_USER_POOLS",
            "oauth": {"domain": "d.example.com", "scope": ["openid"], "redirectSignIn": "http://localhost/,https://app/",
                "redirectSignOut": "https://out/", "responseType": "code"},
        });
        let config = Config::parse(&document.to_string()).unwrap();
        assert_eq!(config.user_pool.unwrap().client_id.as_str(), "c");
        assert_eq!(config.identity_pool.unwrap().pool_id.as_str(), "eu-west-1:0f");
        assert_eq!(
            config.oauth.unwrap().sign_in_redirect_uris,
            ["http://localhost/", "https://app/"]
        );
    }

    #[test]
    fn an_endpoint_may_stand_beside_each_pool() {
        let document = json!({"aws_user_pools_id": "us-east-1_A", "aws_user_pools_web_client_id": "c",
            "aws_user_pools_endpoint": "a.example.com", "aws_cognito_identity_pool_id": "us-east-1:0f",
            "aws_cognito_identity_pool_endpoint": "http://localhost:9229"});
        let config = Config::parse(&document.to_string()).unwrap();
        assert_eq!(config.user_pool.unwrap().endpoint.url(), "https://a.example.com/");
        assert_eq!(config.identity_pool.unwrap().endpoint.url(), "http://localhost:9229/");
    }

    #[test]
    fn an_empty_oauth_section_is_no_hosted_login() {
        let text = r#"{"aws_user_pools_id":"eu-west-1_A","aws_user_pools_web_client_id":"c","oauth":{}}"#;
        assert!(Config::parse(text).unwrap().oauth.is_none());
    }
}
