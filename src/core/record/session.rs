//! How a session is written into the record and read from it, by each kind of login.

use std::rc::Rc;

use super::User;
use crate::core::json::{ObjectWriter, Reader};
use crate::core::names::Username;
use crate::core::secret::{AccessToken, IdToken, ProviderToken, RefreshToken};
use crate::core::session::{
    FederatedLogin, HostedLogin, HostedTokens, Journal, Lifetime, Login, PoolLogin, Session, Tokens,
};
use crate::core::user_state::Reason;

pub(super) fn size(session: &Session) -> usize {
    let length = |text: Option<&str>| text.map_or(0, str::len);
    length(session.access_token().map(AccessToken::reveal))
        + length(session.id_token().map(IdToken::reveal))
        + length(session.refresh_token().map(RefreshToken::reveal))
}

pub(super) fn write_session(session: &Session) -> ObjectWriter {
    let user = match &session.login {
        Login::UserPool(login) => write_pool_login(login),
        Login::Hosted(login) => write_hosted_login(login),
        Login::Federated(login) => write_federated_login(login),
    };
    let user = user
        .integer("session", session.id)
        .maybe_text("refusal", session.refusal.map(Reason::as_str))
        .integer("bookedUntil", session.booked_until);
    match session.journal {
        None => user,
        Some(journal) => user
            .integer("refreshSince", journal.since)
            .integer("sentAt", journal.sent_at)
            .integer("failures", journal.failures.into())
            .integer("failedAt", journal.failed_at)
            .integer("notBefore", journal.not_before)
            .integer("askedUntil", journal.asked_until),
    }
}

pub(super) fn read_user(record: &Reader<'_>) -> Option<User> {
    if !record.has("user") {
        return Reason::named(record.text("reason")?).map(User::SignedOut);
    }
    let user = record.section("user");
    let number = |key| user.integer(key);
    Some(User::SignedIn(Rc::new(Session {
        id: number("session")?,
        login: match user.text("login")? {
            POOL => Login::UserPool(read_pool_login(user)?),
            HOSTED => Login::Hosted(read_hosted_login(user)?),
            FEDERATED => Login::Federated(read_federated_login(user)),
            _ => return None,
        },
        refusal: user.text("refusal").and_then(Reason::named),
        booked_until: number("bookedUntil")?,
        journal: if user.has("refreshSince") {
            Some(Journal {
                since: number("refreshSince")?,
                sent_at: number("sentAt")?,
                failures: u32::try_from(number("failures")?).ok()?,
                failed_at: number("failedAt")?,
                not_before: number("notBefore")?,
                asked_until: number("askedUntil")?,
            })
        } else {
            None
        },
    })))
}

/// How the kinds of login are stored.
const POOL: &str = "userPool";
const HOSTED: &str = "hosted";
const FEDERATED: &str = "federated";

fn write_pool_login(login: &PoolLogin) -> ObjectWriter {
    let user = ObjectWriter::new()
        .text("login", POOL)
        .text("username", login.username.as_str())
        .text("userSub", &login.user_sub)
        .maybe_text("deviceKey", login.device_key.as_deref());
    match &login.tokens {
        None => user,
        Some(tokens) => write_life(user, tokens.life)
            .text("accessToken", tokens.access.reveal())
            .text("idToken", tokens.id.reveal())
            .text("refreshToken", tokens.refresh.reveal()),
    }
}

fn read_pool_login(user: Reader<'_>) -> Option<PoolLogin> {
    Some(PoolLogin {
        username: Username::new(user.required_text("username")),
        user_sub: user.required_text("userSub").into(),
        device_key: user.text("deviceKey").map(String::from),
        tokens: if user.has("accessToken") {
            Some(Tokens {
                access: AccessToken::new(user.required_text("accessToken")),
                id: IdToken::new(user.required_text("idToken")),
                refresh: RefreshToken::new(user.required_text("refreshToken")),
                life: read_life(user)?,
            })
        } else {
            None
        },
    })
}

fn write_hosted_login(login: &HostedLogin) -> ObjectWriter {
    let user = ObjectWriter::new()
        .text("login", HOSTED)
        .text("subject", &login.subject)
        .maybe_text("username", login.username.as_ref().map(Username::as_str));
    match &login.tokens {
        None => user,
        Some(tokens) => write_life(user, tokens.life)
            .text("accessToken", tokens.access.reveal())
            .maybe_text("idToken", tokens.id.as_ref().map(IdToken::reveal))
            .maybe_text("refreshToken", tokens.refresh.as_ref().map(RefreshToken::reveal))
            .texts("scopes", tokens.scopes.iter().map(|scope| &**scope)),
    }
}

fn read_hosted_login(user: Reader<'_>) -> Option<HostedLogin> {
    Some(HostedLogin {
        subject: user.required_text("subject").into(),
        username: user.text("username").map(Username::new),
        tokens: if user.has("accessToken") {
            Some(HostedTokens {
                access: AccessToken::new(user.required_text("accessToken")),
                id: user.text("idToken").map(IdToken::new),
                refresh: user.text("refreshToken").map(RefreshToken::new),
                scopes: user.texts("scopes"),
                life: read_life(user)?,
            })
        } else {
            None
        },
    })
}

fn write_federated_login(login: &FederatedLogin) -> ObjectWriter {
    let user = ObjectWriter::new()
        .text("login", FEDERATED)
        .text("provider", &login.provider)
        .maybe_text("subject", login.subject.as_deref())
        .maybe_text("username", login.username.as_deref())
        .maybe_text("token", login.token.as_ref().map(ProviderToken::reveal));
    match login.expires_at {
        None => user,
        Some(expires_at) => user.integer("expiresAt", expires_at),
    }
}

fn read_federated_login(user: Reader<'_>) -> FederatedLogin {
    FederatedLogin {
        provider: user.required_text("provider").into(),
        subject: user.text("subject").map(String::from),
        username: user.text("username").map(String::from),
        token: user.text("token").map(ProviderToken::new),
        expires_at: user.integer("expiresAt"),
    }
}

fn write_life(user: ObjectWriter, life: Lifetime) -> ObjectWriter {
    user.integer("receivedAt", life.received_at)
        .integer("expiresAt", life.expires_at)
}

fn read_life(user: Reader<'_>) -> Option<Lifetime> {
    Some(Lifetime {
        received_at: user.integer("receivedAt")?,
        expires_at: user.integer("expiresAt")?,
    })
}
