//! The flat operations, as the table in `core/api/user_pool/operations.rs` has them: options are checked, the service
//! is asked about a user by name or on behalf of the signed-in user, and what follows from the response is done.

use zeroize::Zeroizing;

use crate::core::api::user_pool::{self, After, AppAccount, Call, Operation, Service, Who};
use crate::core::config::UserPoolConfig;
use crate::core::devices::Device;
use crate::core::error::{AuthError, Code};
use crate::core::flow::sign_in::is_unknown_device;
use crate::core::flow::sign_up::SignUpStep;
use crate::core::json::Value;
use crate::core::limits::{MAX_LIST_ENTRIES, MAX_PAGES};
use crate::core::secret::AccessToken;
use crate::core::session::decide::superseded;
use crate::core::user_state::Reason;
use crate::engine::options::{self, GetTokensOptions};
use crate::engine::runtime::Runtime;
use crate::engine::session::{Caller, End, SessionEngine};
use crate::engine::sign_in::{SignInEngine, is_about_session};
use crate::ports::Env;

/// The operations of one client.
#[derive(Debug)]
pub(in crate::engine) struct OperationEngine<E> {
    runtime: Runtime<E>,
    session: SessionEngine<E>,
    sign_in: SignInEngine<E>,
}

impl<E> Clone for OperationEngine<E> {
    fn clone(&self) -> Self {
        Self {
            runtime: self.runtime.clone(),
            session: self.session.clone(),
            sign_in: self.sign_in.clone(),
        }
    }
}

impl<E: Env> OperationEngine<E> {
    pub(in crate::engine) fn new(runtime: Runtime<E>, session: SessionEngine<E>, sign_in: SignInEngine<E>) -> Self {
        Self {
            runtime,
            session,
            sign_in,
        }
    }

    /// Performs an operation. The result is the JSON text of what the app gets, `null` for nothing.
    ///
    /// An operation of the signed-in user takes its access token from [`get_tokens`](Self::get_tokens), and so may
    /// wait as that does; a token that the service refuses is renewed once. It is never performed for another user than
    /// the one who was signed in when it was called.
    ///
    /// # Errors
    /// `invalidParameter`, naming the option; `notSignedIn`; `deviceNotRemembered`; `aborted` when another user has
    /// taken the place of the one who called, or a sign-out; whatever the service answers.
    pub(in crate::engine) async fn operate(
        &self,
        operation: &'static Operation,
        text: &str,
    ) -> Result<Zeroizing<String>, AuthError> {
        let pool = self.runtime.user_pool()?;
        let options = options::checked(operation.call, text, &operation.options())?;
        let call = operation
            .call_with(&options)
            .map_err(|misfit| options::explain(operation.call, misfit))?;
        let response = match operation.who {
            Who::User => self.ask_about_user(&pool, &call).await?,
            Who::Session => {
                let caller = self.session.caller().await?;
                self.ask_for_session(&pool, &call, &caller).await?
            }
            Who::LeavingSession => {
                let caller = self.session.caller().await?;
                self.delete_user(&pool, call, caller).await?;
                return Ok(Zeroizing::new("null".into()));
            }
        };
        let user = self.session.session().map(|session| session.familiar_name());
        let account = AppAccount {
            issuer: &self.runtime.setup()?.options.totp_issuer,
            name: &user.unwrap_or_default(),
        };
        call.result(&response, account)
    }

    /// Makes a passkey for the signed-in user: `StartWebAuthnRegistration`, the browser's dialog,
    /// `CompleteWebAuthnRegistration`.
    ///
    /// # Errors
    /// `passkeyNotSupported`, `passkeyCancelled`, `passkeyAlreadyExists`, `passkeyRelyingPartyMismatch`; those of
    /// [`operate`](Self::operate).
    pub(in crate::engine) async fn register_passkey(&self) -> Result<(), AuthError> {
        let pool = self.runtime.user_pool()?;
        let caller = self.session.caller().await?;
        let begin = |token: &AccessToken| user_pool::start_passkey_registration(&pool, token);
        let options = user_pool::parse_passkey_options(&self.session.ask_as(&caller, &begin).await?)?;
        let credential = self
            .runtime
            .unless_superseded(self.runtime.env().create(&options))
            .await?;
        let complete = |token: &AccessToken| user_pool::complete_passkey_registration(&pool, token, &credential);
        self.session.ask_as(&caller, &complete).await.map(drop)
    }

    async fn ask_about_user(&self, pool: &UserPoolConfig, call: &Call) -> Result<Value, AuthError> {
        let context = self.runtime.context_data(pool, &call.username);
        let service = Service {
            pool,
            context_data: context.as_deref(),
        };
        let mut session = match call.operation.after {
            After::Confirmed => self.sign_in.session_of_sign_up(&call.username).await,
            _ => None,
        };
        let response = loop {
            match self.runtime.ask(call.about_user(service, session.as_ref())).await {
                // Without its session the confirmation works as well, and only no sign-in follows from it.
                Err(error) if session.is_some() && is_about_session(&error) => session = None,
                reply => break reply?.document,
            }
        };
        self.follow_up(call, None, &response).await?;
        Ok(response)
    }

    /// All pages, as one.
    async fn ask_for_session(&self, pool: &UserPoolConfig, call: &Call, caller: &Caller) -> Result<Value, AuthError> {
        let this_device = if call.lacks_device() {
            Some(self.session.this_device_key().ok_or_else(not_remembered)?)
        } else {
            None
        };
        let mut answer = Value::Null;
        let mut next: Option<String> = None;
        for _ in 0..MAX_PAGES {
            let request =
                |token: &AccessToken| call.about_session(pool, token, this_device.as_deref(), next.as_deref());
            let mut page = match self.session.ask_as(caller, &request).await {
                Err(error) if this_device.is_some() && is_unknown_device(&error) => {
                    return Err(not_remembered().caused_by(&*error.message));
                }
                page => page?,
            };
            let Some((list, token)) = call.operation.pages else {
                self.follow_up(call, this_device, &page).await?;
                return Ok(page);
            };
            let following = page.get(token).and_then(Value::as_text).map(String::from);
            if !matches!(page.get(list), None | Some(Value::List(_) | Value::Null)) {
                // Not a list: what reads the response for the app says what is wrong with it.
                return Ok(page);
            }
            match answer.list_mut(list) {
                Some(items) => items.append(page.list_mut(list).unwrap_or(&mut Vec::new())),
                None => answer = page,
            }
            if answer
                .list_mut(list)
                .is_some_and(|items| items.len() > MAX_LIST_ENTRIES)
            {
                break;
            }
            if following.as_deref().unwrap_or_default().is_empty() {
                return Ok(answer);
            }
            // A token that stays the same would lead round and round, and half a list is none.
            if following == next {
                break;
            }
            next = following;
        }
        Err(AuthError::new(Code::Unknown, "The service's list does not end."))
    }

    /// Does what follows from a response. `this_device` is the device that was meant, where the options name none.
    async fn follow_up(&self, call: &Call, this_device: Option<String>, response: &Value) -> Result<(), AuthError> {
        match call.operation.after {
            After::Nothing => {}
            After::SignedUp => {
                self.sign_in
                    .note_sign_up(SignUpStep::SignedUp, &call.username, response)
                    .await?;
            }
            After::Confirmed => {
                self.sign_in
                    .note_sign_up(SignUpStep::Confirmed, &call.username, response)
                    .await?;
            }
            After::CheckStatus => user_pool::check_code(response)?,
            After::RenewTokens => {
                // The change is made, whether or not the tokens say so already.
                let _ = self.session.get_tokens(renewal()).await;
            }
            After::ForgetDevice => {
                if let Some(key) = call.device_key.clone().or(this_device) {
                    self.session.forget_device_locally(&key).await;
                }
            }
        }
        Ok(())
    }

    /// The account first, and then the session here. From the request on it is a task of its own, so that an abort
    /// does not leave the session of a user who is gone.
    async fn delete_user(&self, pool: &UserPoolConfig, call: Call, mut caller: Caller) -> Result<(), AuthError> {
        // What may wait is outside of the task: a call that was aborted must not delete a user who signs in later.
        self.session.tokens_of(&caller, false).await?;
        caller.waits = Some(false);
        caller.is_leaving = true;
        let (client, pool) = (self.clone(), pool.clone());
        let deleted = self.runtime.share(async move {
            let request = |token: &AccessToken| call.about_session(&pool, token, None, None);
            client.session.ask_as(&caller, &request).await?;
            let (dropping, username) = (client.clone(), caller.username.clone());
            // Also one that another tab has registered since.
            let dropped = client.runtime.share(async move {
                let is_theirs = |device: &Device| device.user == username.as_str();
                dropping.session.drop_devices(&is_theirs).await;
                Ok(())
            });
            let ended = if client.session.is_signed_in(&caller) {
                // At once: a user who signs in from now on is another.
                let end = End {
                    reason: Reason::AccountDeleted,
                    // With the account the service has ended its sessions.
                    revokes: false,
                    revokes_others: false,
                    erases: false,
                    deleted: Some(caller.user_sub),
                };
                client.session.end_session(end).await
            } else {
                Err(superseded())
            };
            // A store that has hung once is not waited for again.
            if ended.is_ok() {
                let _ = dropped.await;
            }
            ended
        });
        deleted.await
    }
}

/// Tokens that are newer than now, without a wait for the user.
fn renewal() -> GetTokensOptions {
    GetTokensOptions {
        force_refresh: true,
        wait_for_sign_in: Some(false),
        timeout: None,
    }
}

fn not_remembered() -> AuthError {
    AuthError::new(
        Code::DeviceNotRemembered,
        "The pool does not know this device. It does after the next sign-in, if it remembers devices.",
    )
}
