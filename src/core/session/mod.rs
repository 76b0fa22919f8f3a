//! A session: who is signed in, by which kind of login, with which tokens; and what is stored about renewing them.

mod change;
pub mod decide;
mod journal;
mod lifetime;
mod login;
mod tokens;

pub use change::{Change, Found};
pub use journal::Journal;
pub use lifetime::{Lifetime, WallMillis};
pub use login::{FederatedLogin, HostedLogin, Login, PoolLogin};
pub use tokens::{HostedTokens, Profile, Tokens};

use super::limits::{MAX_RENEWALS, RENEWAL_SPACING};
use super::names::Username;
use super::secret::{AccessToken, IdToken, RefreshToken};
use super::user_state::Reason;

/// A user's session.
#[derive(Clone, Debug)]
pub struct Session {
    /// Which session: drawn at its sign-in. Another sign-in begins another session, also of the same user.
    pub id: i64,
    /// Who signed in, and how.
    pub login: Login,
    /// Why the service refused to renew the tokens. They are served while they live, and not renewed again.
    pub refusal: Option<Reason>,
    /// The refresh that is in flight or has failed.
    pub journal: Option<Journal>,
    /// Until when the renewals that were sent have used up the time they are allowed, each [`RENEWAL_SPACING`]; see
    /// [`renewal_pause`](Self::renewal_pause).
    pub booked_until: WallMillis,
}

impl Session {
    /// A new session of this login. Its number is given to it when it is stored.
    pub fn begun_by(login: impl Into<Login>) -> Self {
        Self {
            id: 0,
            login: login.into(),
            refusal: None,
            journal: None,
            booked_until: 0,
        }
    }

    /// Whether the user has to sign in again: there is nothing left that a service would accept or renew.
    pub fn needs_sign_in(&self) -> bool {
        match &self.login {
            Login::UserPool(login) => login.tokens.is_none(),
            Login::Hosted(login) => login.tokens.is_none(),
            Login::Federated(login) => login.token.is_none(),
        }
    }

    /// Whether both are sessions of one user. Names are not compared: they change, and are given to another user later.
    pub fn is_of_same_user(&self, other: &Self) -> bool {
        match (&self.login, &other.login) {
            (Login::UserPool(ours), Login::UserPool(theirs)) => ours.user_sub == theirs.user_sub,
            (Login::Hosted(ours), Login::Hosted(theirs)) => ours.subject == theirs.subject,
            (Login::Federated(ours), Login::Federated(theirs)) => {
                ours.provider == theirs.provider && ours.subject.is_some() && ours.subject == theirs.subject
            }
            _ => false,
        }
    }

    /// Whether both are one session, perhaps with other tokens. The number alone does not say so: a record may have been
    /// put together from two.
    pub fn is_same_as(&self, other: &Self) -> bool {
        self.id == other.id && self.subject() == other.subject()
    }

    /// The sign-in at the user pool's API, where it was one.
    pub fn pool_login(&self) -> Option<&PoolLogin> {
        match &self.login {
            Login::UserPool(login) => Some(login),
            Login::Hosted(_) | Login::Federated(_) => None,
        }
    }

    /// The tokens of a sign-in at the user pool's API, while there are some.
    pub fn pool_tokens(&self) -> Option<&Tokens> {
        self.pool_login()?.tokens.as_ref()
    }

    /// The device that the tokens are bound to, where there is one.
    pub fn device_key(&self) -> Option<&str> {
        self.pool_login()?.device_key.as_deref()
    }

    /// The name of the user, where the login has one.
    pub fn username(&self) -> Option<&str> {
        match &self.login {
            Login::UserPool(login) => Some(login.username.as_str()),
            Login::Hosted(login) => login.username.as_ref().map(Username::as_str),
            Login::Federated(login) => login.username.as_deref(),
        }
    }

    /// The user's `sub` at the issuer of the tokens.
    pub fn subject(&self) -> Option<&str> {
        match &self.login {
            Login::UserPool(login) => Some(&login.user_sub),
            Login::Hosted(login) => Some(&login.subject),
            Login::Federated(login) => login.subject.as_deref(),
        }
    }

    /// The access token, where the login gives one.
    pub fn access_token(&self) -> Option<&AccessToken> {
        match &self.login {
            Login::UserPool(login) => Some(&login.tokens.as_ref()?.access),
            Login::Hosted(login) => Some(&login.tokens.as_ref()?.access),
            Login::Federated(_) => None,
        }
    }

    /// The ID token, where the login gives one.
    pub fn id_token(&self) -> Option<&IdToken> {
        match &self.login {
            Login::UserPool(login) => Some(&login.tokens.as_ref()?.id),
            Login::Hosted(login) => login.tokens.as_ref()?.id.as_ref(),
            Login::Federated(_) => None,
        }
    }

    /// The refresh token, where the login gives one.
    pub fn refresh_token(&self) -> Option<&RefreshToken> {
        match &self.login {
            Login::UserPool(login) => Some(&login.tokens.as_ref()?.refresh),
            Login::Hosted(login) => login.tokens.as_ref()?.refresh.as_ref(),
            Login::Federated(_) => None,
        }
    }

    /// The refresh token that the user pool can revoke.
    pub fn revocable_token(&self) -> Option<&RefreshToken> {
        self.pool_tokens()
            .filter(|tokens| tokens.is_revocable())
            .map(|tokens| &tokens.refresh)
    }

    /// The life of the tokens that are served.
    pub fn life(&self) -> Option<Lifetime> {
        match &self.login {
            Login::UserPool(login) => Some(login.tokens.as_ref()?.life),
            Login::Hosted(login) => Some(login.tokens.as_ref()?.life),
            Login::Federated(_) => None,
        }
    }

    /// When the tokens arrived.
    pub fn received_at(&self) -> Option<WallMillis> {
        self.life().map(|life| life.received_at)
    }

    /// What an app shows of its user, where there is an ID token.
    pub fn profile(&self) -> Profile {
        self.id_token().map(Profile::of).unwrap_or_default()
    }

    /// The name by which people know the user: where the pool made up the user name, the address that stands for it.
    pub fn familiar_name(&self) -> String {
        let username = self.username().unwrap_or_default();
        let address = self.pool_tokens().filter(|_| Some(username) == self.subject());
        address.and_then(Tokens::address).unwrap_or_else(|| username.into())
    }

    /// The same session with newer tokens, which belong to this device where they are bound to one.
    #[must_use]
    pub fn renewed(&self, tokens: Tokens, device_key: Option<String>) -> Self {
        let mut renewed = Self {
            journal: None,
            ..self.clone()
        };
        if let Login::UserPool(login) = &mut renewed.login {
            login.tokens = Some(tokens);
            login.device_key = device_key;
        }
        renewed
    }

    /// The same session on no device, or `None` where it is on another than this.
    #[must_use]
    pub fn without_device(&self, key: &str) -> Option<Self> {
        let mut without = self.clone();
        match &mut without.login {
            Login::UserPool(login) if login.device_key.as_deref() == Some(key) => login.device_key = None,
            _ => return None,
        }
        Some(without)
    }

    /// For how long the tokens are not to be renewed because they were renewed too often, whatever they and the clocks
    /// say. Each renewal is good for a minute, and up to sixty may be taken in advance. A clock that was set forward finds
    /// none booked, one that was set back half of them.
    pub fn renewal_pause(&self, now: WallMillis) -> i64 {
        let ahead = self.booked_ahead(now);
        ahead.saturating_sub((MAX_RENEWALS - 1) * RENEWAL_SPACING).max(0)
    }

    /// [`booked_until`](Self::booked_until) after one more renewal, sent at `now`.
    pub fn booked(&self, now: WallMillis) -> WallMillis {
        now.saturating_add(self.booked_ahead(now))
            .saturating_add(RENEWAL_SPACING)
    }

    fn booked_ahead(&self, now: WallMillis) -> i64 {
        let ahead = self.booked_until.saturating_sub(now).max(0);
        // So much cannot be booked, but for what a clock is corrected by all the time.
        let was_set_back = ahead > (MAX_RENEWALS + 1) * RENEWAL_SPACING;
        if was_set_back {
            MAX_RENEWALS / 2 * RENEWAL_SPACING
        } else {
            ahead
        }
    }

    /// The same session after the service refused to renew its tokens. They stay only while they are alive, which is not
    /// for the wall clock alone to say: it may have been set back, and then dead tokens would come and go between tabs.
    #[must_use]
    pub fn refused(&self, reason: Reason, are_alive: bool) -> Self {
        let mut refused = Self {
            refusal: Some(reason),
            journal: None,
            ..self.clone()
        };
        if !are_alive {
            match &mut refused.login {
                Login::UserPool(login) => login.tokens = None,
                Login::Hosted(login) => login.tokens = None,
                Login::Federated(login) => login.token = None,
            }
        }
        refused
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn session() -> Session {
        Session::begun_by(PoolLogin {
            username: Username::new("alice"),
            user_sub: "s".into(),
            device_key: None,
            tokens: None,
        })
    }

    /// How many renewals are sent within this time, by whom asks every 100 ms.
    fn renewals(session: &mut Session, from: WallMillis, time: i64) -> i64 {
        let mut sent = 0;
        for now in (from..from + time).step_by(100) {
            if session.renewal_pause(now) == 0 {
                session.booked_until = session.booked(now);
                sent += 1;
            }
        }
        sent
    }

    #[test]
    fn renewals_are_sixty_in_a_row_and_then_one_a_minute() {
        let mut session = session();
        assert_eq!(renewals(&mut session, 1_000_000, 10_000), MAX_RENEWALS);
        assert_eq!(renewals(&mut session, 1_010_000, 3_590_000), 59);
        // After a quiet hour there are as many again.
        assert_eq!(renewals(&mut session, 9_000_000, 10_000), MAX_RENEWALS);
    }

    #[test]
    fn a_clock_that_is_set_back_is_worth_thirty_renewals_and_one_that_is_corrected_none() {
        let mut session = session();
        renewals(&mut session, 100_000_000, 10_000);
        assert_eq!(renewals(&mut session, 99_970_000, 10_000), 0);
        assert_eq!(renewals(&mut session, 10_000_000, 50_000), 30);
        let pause = session.renewal_pause(10_050_000);
        assert!((1..=RENEWAL_SPACING).contains(&pause), "{pause}");
    }

    #[test]
    fn renewals_at_the_edge_of_numbers_do_not_overflow() {
        for now in [i64::MIN, 0, i64::MAX] {
            for booked_until in [i64::MIN, 0, i64::MAX] {
                let session = Session {
                    booked_until,
                    ..session()
                };
                assert!((0..=2 * RENEWAL_SPACING).contains(&session.renewal_pause(now)));
                let _ = session.booked(now);
            }
        }
    }
}
