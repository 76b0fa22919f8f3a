//! Calls of the app, and what they come to.

use std::rc::Rc;

use super::cognito::{CODE, PASSWORD, USERS};
use super::invariants;
use super::page::{Page, Tab};
use super::world::{PageId, World};
use crate::core::api::user_pool::Operation;
use crate::core::error::AuthError;
use crate::core::names::Username;
use crate::core::secret::{ChallengeAnswer, Password};
use crate::core::session::Session;
use crate::core::user_state::UserState;
use crate::engine::options::{
    ConfirmSignInOptions, GetTokensOptions, InitializeOptions, SignInOptions, SignOutOptions,
};
use crate::engine::{Abort, Client, ConfigSource, SignInResult};
use crate::ports::{Millis, Signal, StorageKind};
use crate::testing::config_text;

/// What an app can ask for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Ask {
    Initialize,
    GetTokens {
        forces: bool,
        waits: Option<bool>,
        timeout: Option<Millis>,
    },
    /// As this user, with the right password or a wrong one.
    SignIn(usize, bool),
    SignOut {
        globally: bool,
        revokes: bool,
    },
    Clear,
    DeleteUser,
    ForgetDevice,
    Resume,
    /// With the right code or a wrong one.
    Confirm(bool),
}

impl Ask {
    /// Whether it ends the session of the page that asks.
    pub(super) fn ends_session(self) -> bool {
        matches!(self, Self::SignOut { .. } | Self::Clear | Self::DeleteUser)
    }

    /// Whether it is one request on behalf of the signed-in user.
    pub(super) fn is_operation(self) -> bool {
        matches!(self, Self::DeleteUser | Self::ForgetDevice)
    }

    pub(super) fn tokens() -> Self {
        Self::GetTokens {
            forces: false,
            waits: None,
            timeout: None,
        }
    }
}

/// A call that an app has made.
#[derive(Debug)]
pub(super) struct Call {
    pub(super) page: PageId,
    pub(super) ask: Ask,
    pub(super) abort: Abort,
    pub(super) begun: Millis,
    /// Who was signed in on the page when it began.
    pub(super) seen: Option<Seen>,
    pub(super) is_over: bool,
    pub(super) ended: Millis,
    pub(super) is_aborted: bool,
}

/// Who is signed in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Seen {
    pub(super) state: UserState,
    pub(super) family: Option<usize>,
    pub(super) username: Option<String>,
}

/// What a call comes to.
#[derive(Debug)]
pub(super) enum Got {
    State(UserState),
    Session(Rc<Session>),
    SignedIn,
    /// The user is asked for a code.
    Asked,
    Nothing,
}

impl World {
    /// Makes a call on a page. Gives its number.
    pub(super) fn ask(self: &Rc<Self>, page: &Rc<Page>, ask: Ask) -> usize {
        let number = self.ledger.borrow().calls.len();
        let abort = Abort::default();
        self.ledger.borrow_mut().calls.push(Call {
            page: page.id,
            ask,
            abort: abort.clone(),
            begun: self.now(),
            seen: None,
            is_over: false,
            ended: 0,
            is_aborted: false,
        });
        self.note(|| format!("call {number} on page {}: {ask:?}", page.id));
        let Some(client) = page.client() else { return number };
        let (world, caller) = (Rc::clone(self), Rc::clone(page));
        let run = async move {
            invariants::begun(&world, &caller, number);
            let outcome = answer(&client, &caller, ask, &abort).await;
            if matches!(outcome, Ok(Got::Asked)) && world.chance(800) {
                world.ask(&caller, Ask::Confirm(world.chance(900)));
            }
            if let (Ok(Got::State(_)), false) = (&outcome, caller.is_ready.replace(true)) {
                world.ledger.borrow_mut().news.push(world.now());
                // What was written between the reading and the listening.
                client.signal(Signal::Changed);
            }
            invariants::settled(&world, &caller, number, outcome);
        };
        self.spawn(
            format!("call {number} on page {}", page.id),
            Some(page.id),
            Some(page.id),
            run,
        );
        number
    }

    pub(super) fn forget_calls_of(&self, page: PageId) {
        for call in self
            .ledger
            .borrow_mut()
            .calls
            .iter_mut()
            .filter(|call| call.page == page)
        {
            call.is_over = true;
        }
    }
}

async fn answer(client: &Client<Tab>, page: &Page, ask: Ask, abort: &Abort) -> Result<Got, AuthError> {
    match ask {
        Ask::Initialize => {
            let options = InitializeOptions {
                totp_issuer: String::new(),
                storage: StorageKind::IndexedDb,
                import_session: false,
                background_refresh: page.background_refresh,
                sign_in_wait_timeout: 600_000,
                device_name: "Browser".into(),
                given: Vec::new(),
            };
            let source = ConfigSource::Text(config_text(r#","MigrationEnabled":true"#));
            client
                .guard(abort, client.initialize(source, options))
                .await
                .map(Got::State)
        }
        Ask::GetTokens { forces, waits, timeout } => {
            let options = GetTokensOptions {
                force_refresh: forces,
                wait_for_sign_in: waits,
                timeout,
            };
            client.guard(abort, client.get_tokens(options)).await.map(Got::Session)
        }
        Ask::SignIn(user, is_right) => {
            let options = SignInOptions {
                username: Username::new(USERS[user]),
                password: Some(Password::new(if is_right { PASSWORD } else { "wrong" })),
                auth_flow: None,
                preferred_challenge: None,
                target_acr_values: Vec::new(),
                max_age: None,
                validation_data: Vec::new(),
                client_metadata: Vec::new(),
                storage: None,
            };
            client.guard(abort, client.sign_in(options)).await.map(got)
        }
        Ask::Confirm(is_right) => {
            let options = ConfirmSignInOptions {
                challenge_response: Some(ChallengeAnswer::new(if is_right { CODE } else { "000000" })),
                user_attributes: Vec::new(),
                client_metadata: Vec::new(),
                friendly_device_name: None,
                is_conditional: false,
            };
            client.guard(abort, client.confirm_sign_in(options)).await.map(got)
        }
        Ask::Resume => {
            let resumed = client.guard(abort, client.resume_sign_in()).await?;
            Ok(resumed.map_or(Got::Nothing, got))
        }
        Ask::DeleteUser => operate(client, abort, "deleteUser").await,
        Ask::ForgetDevice => operate(client, abort, "deviceOperations.forget").await,
        Ask::SignOut { globally, revokes } => {
            let options = SignOutOptions {
                sign_out_globally: globally,
                invalidate_tokens: revokes,
            };
            client
                .guard(abort, client.sign_out(options))
                .await
                .map(|()| Got::Nothing)
        }
        Ask::Clear => client.guard(abort, client.clear_storage()).await.map(|()| Got::Nothing),
    }
}

async fn operate(client: &Client<Tab>, abort: &Abort, call: &str) -> Result<Got, AuthError> {
    let operation = Operation::of_call(call).expect("a row of the table");
    let done = client.guard(abort, client.operate(operation, "{}")).await;
    done.map(|_| Got::Nothing)
}

fn got(result: SignInResult) -> Got {
    match result {
        SignInResult::SignedIn { .. } => Got::SignedIn,
        SignInResult::Asked(_) => Got::Asked,
        _ => panic!("the simulated users are confirmed"),
    }
}
