//! Who may have issued the tokens of a pool.

use super::UserPoolConfig;
use super::partition::Partition;

impl UserPoolConfig {
    /// Whether a token with this `iss` can be one of this pool. The pool's id has to be the last part in every case;
    /// it is unique among all pools of AWS. Before it stands one of:
    ///
    /// - `https://cognito-idp.<region>.<suffix>/`, the original form. Where a pool is replicated, each replica writes
    ///   its own region, so any region of the pool's partition will do.
    /// - `https://issuer-cognito-idp.<the pool's region>.<suffix>/`, which replicas share (`IssuerConfigurationType`).
    /// - any `https://` or `http://` URL, for a configuration with an `Endpoint` that is not AWS's: an emulator names
    ///   itself.
    pub fn is_issuer(&self, iss: &str) -> bool {
        let place = iss
            .strip_suffix(self.pool_id.as_str())
            .and_then(|place| place.strip_suffix('/'));
        let Some((scheme, place)) = place.and_then(|place| place.split_once("://")) else {
            return false;
        };
        let is_aws = scheme == "https" && self.is_aws_issuer(place);
        is_aws || (["https", "http"].contains(&scheme) && !self.endpoint.is_of_aws("cognito-idp"))
    }

    fn is_aws_issuer(&self, host: &str) -> bool {
        let home = self.pool_id.region();
        let original = Partition::region_of_host(host, "cognito-idp");
        original.is_some_and(|region| Partition::of(region) == Partition::of(home))
            || host == Partition::host("issuer-cognito-idp", home)
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::core::config::Config;

    fn pool(pool_id: &str, endpoint: Option<&str>) -> UserPoolConfig {
        let section = json!({"PoolId": pool_id, "AppClientId": "c", "Endpoint": endpoint});
        let document = json!({"CognitoUserPool": {"Default": section}});
        (*Config::parse(&document.to_string()).unwrap().user_pool.unwrap()).clone()
    }

    #[test]
    fn both_forms_of_the_issuer_are_the_pools_in_every_partition() {
        for (region, suffix) in [
            ("eu-west-1", "amazonaws.com"),
            ("us-gov-west-1", "amazonaws.com"),
            ("cn-north-1", "amazonaws.com.cn"),
            ("eusc-de-east-1", "amazonaws.eu"),
        ] {
            let pool = pool(&format!("{region}_A"), None);
            for host in ["cognito-idp", "issuer-cognito-idp"] {
                let iss = format!("https://{host}.{region}.{suffix}/{region}_A");
                assert!(pool.is_issuer(&iss), "{iss}");
            }
        }
    }

    #[test]
    fn a_replica_may_name_its_own_region_in_the_original_form_only() {
        let pool = pool("eu-west-1_A", None);
        assert!(pool.is_issuer("https://cognito-idp.us-west-2.amazonaws.com/eu-west-1_A"));
        for other in [
            "https://issuer-cognito-idp.us-west-2.amazonaws.com/eu-west-1_A",
            "https://cognito-idp.us-gov-west-1.amazonaws.com/eu-west-1_A",
            "https://cognito-idp.cn-north-1.amazonaws.com.cn/eu-west-1_A",
        ] {
            assert!(!pool.is_issuer(other), "{other}");
        }
    }

    #[test]
    fn another_pool_or_another_host_is_not_the_issuer() {
        let pool = pool("eu-west-1_A", None);
        for other in [
            "",
            "eu-west-1_A",
            "/eu-west-1_A",
            "https://cognito-idp.eu-west-1.amazonaws.com/eu-west-1_B",
            "https://cognito-idp.eu-west-1.amazonaws.com/Xeu-west-1_A",
            "https://cognito-idp.eu-west-1.amazonaws.com/eu-west-1_A/",
            "https://cognito-idp.eu-west-1.amazonaws.com/x/eu-west-1_A",
            "https://cognito-idp.eu-west-1.amazonaws.com.evil.example/eu-west-1_A",
            "https://evil.example/eu-west-1_A",
            "http://cognito-idp.eu-west-1.amazonaws.com/eu-west-1_A",
            "cognito-idp.eu-west-1.amazonaws.com/eu-west-1_A",
        ] {
            assert!(!pool.is_issuer(other), "{other}");
        }
    }

    #[test]
    fn a_service_at_another_endpoint_may_name_itself() {
        let pool = pool("eu-west-1_A", Some("http://localhost:7665"));
        for iss in [
            "http://localhost:7665/eu-west-1_A",
            "http://0.0.0.0:7665/eu-west-1_A",
            "https://cognito-idp.eu-west-1.amazonaws.com/eu-west-1_A",
        ] {
            assert!(pool.is_issuer(iss), "{iss}");
        }
        for other in [
            "http://localhost:7665/eu-west-1_B",
            "javascript://x/eu-west-1_A",
            "eu-west-1_A",
        ] {
            assert!(!pool.is_issuer(other), "{other}");
        }
    }

    #[test]
    fn an_endpoint_that_is_aws_itself_loosens_nothing() {
        let pool = pool("eu-west-1_A", Some("cognito-idp.us-west-2.amazonaws.com"));
        assert!(!pool.is_issuer("https://evil.example/eu-west-1_A"));
        assert!(pool.is_issuer("https://cognito-idp.us-west-2.amazonaws.com/eu-west-1_A"));
    }
}
