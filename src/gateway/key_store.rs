//! `KeyStore`: the keys of issuers while they count, and what is to be fetched to know them.
//!
//! It makes no call: what it needs is a call for whoever holds the gateway, and [`KeyStore::learn`] takes the reply. Keys count
//! for two hours (documented); a token that names a key that is not known may be of a key that is new, so they are fetched
//! again, but not more often than every ten seconds, nor after a fetch that failed.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, SystemTime};

use bytes::Bytes;

use crate::api::KeySource;
use crate::authorization::identity_source::CacheKey;
use crate::authorization::jwt::{Jwks, discovery_url, read_discovery};
use crate::exchange::call::{IntegrationCall, IntegrationReply, KeyDocument, KeyRequest, Purpose, Target};
use crate::exchange::ids::Id;
use crate::failure::Failure;
use crate::http1::message::Headers;
use crate::json_text::Ahead;

/// How long keys count.
const LONGEST: Duration = Duration::from_secs(2 * 60 * 60);
/// The least time between two fetches.
const PAUSE: Duration = Duration::from_secs(10);
/// How long a fetch may take (documented for HTTP APIs).
const TIMEOUT: Duration = Duration::from_millis(1500);
/// Longest document (documented for HTTP APIs).
const BYTES: usize = 150_000;

/// The keys of every source of an API.
pub(crate) struct KeyStore(Vec<Slot>);

struct Slot {
    source: KeySource,
    state: Mutex<State>,
}

/// What is known of a source.
#[derive(Clone, Default)]
struct State {
    keys: Option<Fetched>,
    /// Where a discovery document says that the keys are.
    jwks_uri: Option<String>,
    /// When the last fetch began.
    tried: Option<SystemTime>,
    /// Why it failed.
    fault: Option<String>,
}

/// Keys that are known.
#[derive(Clone)]
pub(crate) struct Fetched {
    /// The keys.
    pub keys: Arc<Jwks>,
    /// When they were fetched; `None`: they are a file's.
    pub at: Option<SystemTime>,
    /// Why they could not be fetched again.
    pub fault: Option<String>,
}

/// What is known of an issuer's keys.
pub(crate) enum Known {
    /// These.
    Keys(Fetched),
    /// Nothing before this is fetched.
    Fetch(KeyRequest, IntegrationCall),
    /// Nothing: why.
    Nothing(String),
}

impl KeyStore {
    /// A store that knows what files hold.
    pub(crate) fn new(sources: &[KeySource]) -> KeyStore {
        let slot = |source: &KeySource| {
            let keys = match source {
                KeySource::File { keys, .. } => Some(Fetched { keys: keys.clone(), at: None, fault: None }),
                KeySource::Url(_) | KeySource::Discovery { .. } => None,
            };
            Slot { source: source.clone(), state: Mutex::new(State { keys, ..State::default() }) }
        };
        KeyStore(sources.iter().map(slot).collect())
    }

    /// The keys of a source, among which a token's should be.
    pub(crate) fn keys(&self, source: usize, key_id: Option<&str>, now: SystemTime) -> Known {
        let Some(slot) = self.0.get(source) else { return Known::Nothing("no such key source".to_owned()) };
        let state = slot.state();
        let counts = |fetched: &&Fetched| fetched.at.is_none_or(|at| now < at + LONGEST);
        let known = state.keys.as_ref().filter(counts);
        if let Some(fetched) = known
            && (fetched.at.is_none() || key_id.is_none_or(|id| fetched.keys.key_ids().any(|own| own == id)))
        {
            return Known::Keys(fetched.clone());
        }
        if state.tried.is_none_or(|tried| now >= tried + PAUSE) {
            let request = KeyRequest { source, document: slot.next(&state) };
            if let Some(url) = slot.url(request.document, &state) {
                return Known::Fetch(request, fetch(url));
            }
        }
        match (known, &state.fault) {
            (Some(fetched), fault) => Known::Keys(Fetched { fault: fault.clone(), ..fetched.clone() }),
            (None, fault) => Known::Nothing(fault.clone().unwrap_or_default()),
        }
    }

    /// Takes a reply; what is to be fetched next, if that was not all.
    pub(crate) fn learn(
        &self,
        request: KeyRequest,
        reply: Result<IntegrationReply, Failure>,
        now: SystemTime,
    ) -> Option<(KeyRequest, IntegrationCall)> {
        let slot = self.0.get(request.source)?;
        let mut state = slot.state();
        let url = slot.url(request.document, &state).unwrap_or_default();
        match slot.read(request.document, reply) {
            Ok(Document::Discovery(jwks_uri)) => {
                state.jwks_uri = Some(jwks_uri.clone());
                let next = KeyRequest { document: KeyDocument::Jwks, ..request };
                return Some((next, fetch(jwks_uri)));
            }
            Ok(Document::Jwks(keys)) => {
                state.keys = Some(Fetched { keys: Arc::new(keys), at: Some(now), fault: None });
                state.fault = None;
            }
            Err(why) => {
                // It may have moved.
                state.jwks_uri = None;
                state.fault = Some(format!("`{url}` {why}"));
            }
        }
        state.tried = Some(state.tried.map_or(now, |tried| tried.max(now)));
        None
    }

    /// Goes on with what another store knows of the same sources.
    pub(crate) fn carry_over(&self, previous: &KeyStore) {
        for slot in &self.0 {
            if let Some(known) = previous.0.iter().find(|known| known.source.is_same_place(&slot.source)) {
                let known = known.state().clone();
                *slot.state() = known;
            }
        }
    }

    /// Where the keys of a source are, for who wants to know.
    pub(crate) fn place(&self, source: usize) -> &str {
        match self.0.get(source).map(|slot| &slot.source) {
            Some(KeySource::File { name, .. }) => name,
            Some(KeySource::Url(url)) => url,
            Some(KeySource::Discovery { address, .. }) => address,
            None => "",
        }
    }
}

/// What a reply holds.
enum Document {
    /// Where the keys are.
    Discovery(String),
    /// The keys.
    Jwks(Jwks),
}

impl Slot {
    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// What is to be fetched first.
    fn next(&self, state: &State) -> KeyDocument {
        match &self.source {
            KeySource::Discovery { .. } if state.jwks_uri.is_none() => KeyDocument::Discovery,
            _ => KeyDocument::Jwks,
        }
    }

    fn url(&self, document: KeyDocument, state: &State) -> Option<String> {
        match (&self.source, document) {
            (KeySource::File { .. }, _) => None,
            (KeySource::Url(url), _) => Some(url.clone()),
            (KeySource::Discovery { address, .. }, KeyDocument::Discovery) => Some(discovery_url(address)),
            (KeySource::Discovery { .. }, KeyDocument::Jwks) => state.jwks_uri.clone(),
        }
    }

    fn read(&self, document: KeyDocument, reply: Result<IntegrationReply, Failure>) -> Result<Document, String> {
        let reply = match reply {
            Ok(reply) => reply,
            Err(Failure::Timeout) => return Err(format!("did not answer within {} ms", TIMEOUT.as_millis())),
            Err(Failure::NetworkError(detail)) => return Err(format!("cannot be reached: {detail}")),
            Err(failure) => return Err(format!("cannot be fetched: {}", failure.cause().as_str())),
        };
        let body = reply.body.whole();
        match reply.status {
            200 if body.len() > BYTES => Err(format!("answered {} bytes, at most {BYTES} are read", body.len())),
            200 => match (&self.source, document) {
                (KeySource::Discovery { issuers, .. }, KeyDocument::Discovery) => {
                    read_discovery(body, issuers).map(Document::Discovery).map_err(|e| format!("answered {e}"))
                }
                _ => match Jwks::parse(body) {
                    Ok(keys) if keys.is_empty() => Err("answered no key that could verify a token".to_owned()),
                    Ok(keys) => Ok(Document::Jwks(keys)),
                    Err(e) => Err(format!("answered {e}")),
                },
            },
            status => Err(format!("answered status {status}")),
        }
    }
}

fn fetch(url: String) -> IntegrationCall {
    let mut headers = Headers::default();
    headers.push("Accept", "application/json");
    let key = CacheKey::of_document(&url);
    IntegrationCall {
        target: Target::Http { method: "GET".to_owned(), uri: url, headers },
        body: Bytes::new(),
        timeout: TIMEOUT,
        streamed: false,
        read_ahead: Ahead::No,
        trace_id: Id::default(),
        purpose: Purpose::Keys(key),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const KEYS: &str = r#"{"keys": [{"kty": "EC", "crv": "P-256", "kid": "ec", "x": "yVLJ1vTCTVw68YCR8Tn1pfLKv_meqlzlf5Go4lM2LfQ", "y": "KJJjh3SInqv9pFCzzIgeAefclQykkjzHXgNDwT-xOio"}]}"#;

    fn good() -> Result<IntegrationReply, Failure> {
        Ok(IntegrationReply {
            status: 200,
            body: Bytes::from_static(KEYS.as_bytes()).into(),
            ..IntegrationReply::default()
        })
    }

    /// What is known of a key at that time.
    fn told(store: &KeyStore, key_id: &str, at: SystemTime) -> String {
        match store.keys(0, Some(key_id), at) {
            Known::Keys(Fetched { fault: None, .. }) => "keys".to_owned(),
            Known::Keys(Fetched { fault: Some(why), .. }) => format!("keys, though {why}"),
            Known::Fetch(KeyRequest { document, .. }, _) => format!("fetch {document:?}"),
            Known::Nothing(why) => format!("nothing: {why}"),
        }
    }

    /// (fact `key-cache`)
    #[test]
    fn keys_count_for_two_hours_and_not_a_second_longer() {
        let start = SystemTime::UNIX_EPOCH + Duration::from_secs(1_800_000_000);
        let after = |seconds: u64| start + Duration::from_secs(seconds);
        let store = KeyStore::new(&[KeySource::Url("https://a.example/keys".to_owned())]);
        let request = KeyRequest { source: 0, document: KeyDocument::Jwks };
        let fault = "`https://a.example/keys` did not answer within 1500 ms";
        assert_eq!(told(&store, "ec", start), "fetch Jwks");
        assert!(store.learn(request, good(), start).is_none());
        for seconds in [0, 11, 7_199] {
            assert_eq!(told(&store, "ec", after(seconds)), "keys", "{seconds} s later");
        }
        // For a key that is not among them the issuer is asked again, every ten seconds at most; meanwhile the others count on.
        assert_eq!(told(&store, "new", after(9)), "keys");
        assert_eq!(told(&store, "new", after(10)), "fetch Jwks");
        assert!(store.learn(request, Err(Failure::Timeout), after(7_195)).is_none());
        assert_eq!(told(&store, "ec", after(7_199)), "keys");
        assert_eq!(told(&store, "new", after(7_199)), format!("keys, though {fault}"));
        // Then they are none, to whomever: the issuer is asked as often, and nobody is let in before it answers.
        assert_eq!(told(&store, "ec", after(7_200)), format!("nothing: {fault}"));
        assert_eq!(told(&store, "ec", after(7_205)), "fetch Jwks");
        // Nor does a reload make them younger.
        let reloaded = KeyStore::new(&[KeySource::Url("https://a.example/keys".to_owned())]);
        reloaded.carry_over(&store);
        assert_eq!(told(&reloaded, "ec", after(7_199)), "keys");
        assert_eq!(told(&reloaded, "ec", after(7_200)), format!("nothing: {fault}"));
        assert!(store.learn(request, good(), after(7_205)).is_none());
        for (seconds, expected) in [(7_205, "keys"), (14_404, "keys"), (14_405, "fetch Jwks")] {
            assert_eq!(told(&store, "ec", after(seconds)), expected, "{seconds} s later");
        }
    }
}
