//! `RequestFacts`: what a policy may ask about a request: condition keys and their values.

use std::borrow::Cow;
use std::net::IpAddr;
use std::time::SystemTime;

use crate::authorization::calendar;
use crate::authorization::identity::Identity;

/// What a policy may ask about a request. A key that is not here is absent.
#[derive(Debug, Clone, Copy)]
pub struct RequestFacts<'a> {
    /// Who calls, when a signature says so.
    pub caller: Option<&'a Identity>,
    /// When.
    pub time: SystemTime,
    /// `aws:SourceIp`: absent when the call came through a VPC endpoint.
    pub source_ip: Option<IpAddr>,
    /// `aws:VpcSourceIp`
    pub vpc_source_ip: Option<IpAddr>,
    /// `aws:SourceVpc`
    pub source_vpc: Option<&'a str>,
    /// `aws:SourceVpce`
    pub source_vpce: Option<&'a str>,
    /// `aws:SecureTransport`
    pub secure_transport: bool,
    /// `aws:UserAgent`: the header.
    pub user_agent: Option<&'a str>,
    /// `aws:Referer`: the header.
    pub referer: Option<&'a str>,
    /// Any other key with its values, such as `aws:PrincipalTag/team`.
    pub more: &'a [(String, Vec<String>)],
}

impl RequestFacts<'_> {
    /// A request of which nothing is known but its time.
    pub fn at(time: SystemTime) -> RequestFacts<'static> {
        RequestFacts {
            caller: None,
            time,
            source_ip: None,
            vpc_source_ip: None,
            source_vpc: None,
            source_vpce: None,
            secure_transport: true,
            user_agent: None,
            referer: None,
            more: &[],
        }
    }

    /// The values of a key that is written in lower case: keys have no case.
    pub(super) fn values(&self, key: &str) -> Values<'_> {
        let address = |ip: Option<IpAddr>| ip.map(|ip| Cow::Owned(ip.to_canonical().to_string()));
        let one: Option<Cow<'_, str>> = match key {
            "aws:sourceip" => address(self.source_ip),
            "aws:vpcsourceip" => address(self.vpc_source_ip),
            "aws:currenttime" => Some(Cow::Owned(calendar::iso(calendar::epoch(self.time)))),
            "aws:epochtime" => Some(Cow::Owned(calendar::epoch(self.time).to_string())),
            "aws:securetransport" => Some(Cow::Borrowed(if self.secure_transport { "true" } else { "false" })),
            "aws:useragent" => self.user_agent.map(Cow::Borrowed),
            "aws:referer" => self.referer.map(Cow::Borrowed),
            "aws:sourcevpc" => self.source_vpc.map(Cow::Borrowed),
            "aws:sourcevpce" => self.source_vpce.map(Cow::Borrowed),
            "aws:principalarn" => self.caller.map(|caller| caller.principal_arn().into()),
            "aws:principalaccount" => self.caller.map(|caller| caller.account().into()),
            "aws:principaltype" => self.caller.and_then(Identity::principal_type).map(Into::into),
            "aws:username" => self.caller.and_then(Identity::user_name).map(Into::into),
            _ => None,
        };
        match one {
            Some(value) => Values::One(value),
            None => {
                let own = self.more.iter().find(|(name, _)| name.eq_ignore_ascii_case(key));
                Values::Several(own.map_or(&[], |(_, values)| values))
            }
        }
    }

    /// The value of a key that has exactly one: what a policy variable stands for.
    pub(super) fn single(&self, key: &str) -> Option<Cow<'_, str>> {
        match self.values(key) {
            Values::One(value) => Some(value),
            Values::Several([value]) => Some(Cow::Borrowed(value)),
            Values::Several(_) => None,
        }
    }
}

/// A key's values; none when the key is absent.
pub(super) enum Values<'a> {
    One(Cow<'a, str>),
    Several(&'a [String]),
}

impl Values<'_> {
    pub(super) fn is_empty(&self) -> bool {
        matches!(self, Values::Several([]))
    }

    pub(super) fn iter(&self) -> impl Iterator<Item = &str> {
        let (one, several) = match self {
            Values::One(value) => (Some(&**value), &[][..]),
            Values::Several(values) => (None, *values),
        };
        one.into_iter().chain(several.iter().map(String::as_str))
    }
}
