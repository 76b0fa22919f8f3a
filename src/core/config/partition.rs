//! AWS's partitions: groups of regions that share a DNS suffix and nothing else with the other groups.
//!
//! The facts are those of botocore's `partitions.json`; the test below holds the table to them.

/// A group of regions.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Partition {
    /// What the names of its regions begin with.
    prefix: &'static str,
    /// What the names of its hosts end with.
    dns_suffix: &'static str,
}

/// The partitions whose regions share a prefix. All other regions are of [`COMMERCIAL`], also those that AWS opens later.
const SPECIAL: [Partition; 7] = [
    Partition::new("cn-", "amazonaws.com.cn"),
    Partition::new("eusc-", "amazonaws.eu"),
    Partition::new("us-gov-", "amazonaws.com"),
    Partition::new("us-iso-", "c2s.ic.gov"),
    Partition::new("us-isob-", "sc2s.sgov.gov"),
    Partition::new("eu-isoe-", "cloud.adc-e.uk"),
    Partition::new("us-isof-", "csp.hci.ic.gov"),
];

const COMMERCIAL: Partition = Partition::new("", "amazonaws.com");

impl Partition {
    const fn new(prefix: &'static str, dns_suffix: &'static str) -> Self {
        Self { prefix, dns_suffix }
    }

    /// The partition of a region.
    pub(super) fn of(region: &str) -> &'static Self {
        let is_own = |partition: &&Self| region.starts_with(partition.prefix);
        SPECIAL.iter().find(is_own).unwrap_or(&COMMERCIAL)
    }

    /// AWS's host of a service in a region.
    pub(super) fn host(service: &str, region: &str) -> String {
        format!("{service}.{region}.{}", Self::of(region).dns_suffix)
    }

    /// The region of a host that [`host`](Self::host) could have made for this service.
    pub(super) fn region_of_host<'h>(host: &'h str, service: &str) -> Option<&'h str> {
        let (region, _) = host.strip_prefix(service)?.strip_prefix('.')?.split_once('.')?;
        (Self::host(service, region) == host).then_some(region)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Name, DNS suffix and regions of every partition in botocore's `partitions.json` of August 2026.
    const FACTS: [(&str, &str, &[&str]); 8] = [
        (
            "aws",
            "amazonaws.com",
            &[
                "af-south-1",
                "ap-east-1",
                "ap-east-2",
                "ap-northeast-1",
                "ap-northeast-2",
                "ap-northeast-3",
                "ap-south-1",
                "ap-south-2",
                "ap-southeast-1",
                "ap-southeast-2",
                "ap-southeast-3",
                "ap-southeast-4",
                "ap-southeast-5",
                "ap-southeast-6",
                "ap-southeast-7",
                "ca-central-1",
                "ca-west-1",
                "eu-central-1",
                "eu-central-2",
                "eu-north-1",
                "eu-south-1",
                "eu-south-2",
                "eu-west-1",
                "eu-west-2",
                "eu-west-3",
                "il-central-1",
                "me-central-1",
                "me-south-1",
                "mx-central-1",
                "sa-east-1",
                "us-east-1",
                "us-east-2",
                "us-west-1",
                "us-west-2",
            ],
        ),
        ("aws-cn", "amazonaws.com.cn", &["cn-north-1", "cn-northwest-1"]),
        ("aws-eusc", "amazonaws.eu", &["eusc-de-east-1"]),
        ("aws-iso", "c2s.ic.gov", &["us-iso-east-1", "us-iso-west-1"]),
        ("aws-iso-b", "sc2s.sgov.gov", &["us-isob-east-1", "us-isob-west-1"]),
        ("aws-iso-e", "cloud.adc-e.uk", &["eu-isoe-west-1"]),
        ("aws-iso-f", "csp.hci.ic.gov", &["us-isof-east-1", "us-isof-south-1"]),
        ("aws-us-gov", "amazonaws.com", &["us-gov-east-1", "us-gov-west-1"]),
    ];

    #[test]
    fn every_region_of_botocore_has_the_host_that_botocore_builds() {
        for (name, dns_suffix, regions) in FACTS {
            for region in regions {
                for service in ["cognito-idp", "cognito-identity"] {
                    let host = Partition::host(service, region);
                    assert_eq!(host, format!("{service}.{region}.{dns_suffix}"), "{name}");
                    assert_eq!(Partition::region_of_host(&host, service), Some(*region));
                }
            }
        }
    }

    #[test]
    fn regions_are_of_one_partition_exactly_when_botocore_says_so() {
        let all = || {
            FACTS
                .iter()
                .flat_map(|(name, _, regions)| regions.iter().map(move |region| (name, region)))
        };
        for (name, region) in all() {
            for (other_name, other) in all() {
                let is_same = Partition::of(region) == Partition::of(other);
                assert_eq!(is_same, name == other_name, "{region} {other}");
            }
        }
    }

    #[test]
    fn a_host_that_is_not_of_the_service_has_no_region() {
        for host in [
            "",
            "cognito-idp",
            "cognito-idp.us-east-1",
            "cognito-idp.us-east-1.amazonaws.com.evil.example",
            "cognito-idp.us-east-1.evil.example",
            "cognito-idp.eusc-de-east-1.amazonaws.com",
            "cognito-idp-fips.us-east-1.amazonaws.com",
            "issuer-cognito-idp.us-east-1.amazonaws.com",
        ] {
            assert_eq!(Partition::region_of_host(host, "cognito-idp"), None, "{host}");
        }
    }
}
