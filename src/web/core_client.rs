//! The class that the TypeScript facade drives. Arguments and results are JSON texts; every failure, also a bad
//! argument, rejects the promise, and nothing is thrown.

use std::cell::{Cell, RefCell};
use std::rc::Rc;

use js_sys::Promise;
use wasm_bindgen::JsValue;
use wasm_bindgen::prelude::wasm_bindgen;
use zeroize::Zeroizing;

use super::boundary;
use super::browser::Browser;
use super::convert;
use super::http;
use super::promise::{self, Settled};
use crate::core::api::user_pool::Operation;
use crate::core::error::{AuthError, Code};
use crate::engine::options::{
    self, AutoSignInOptions, ConfirmSignInOptions, GetTokensOptions, InitializeOptions, SignInOptions, SignOutOptions,
};
use crate::engine::{Abort, Client, ClientEvent, ConfigSource, Host, Notice, SignInResult, other_option};
use crate::ports::Signal;

#[wasm_bindgen]
extern "C" {
    /// The object that is notified of changes.
    #[derive(Clone, Debug)]
    #[wasm_bindgen(typescript_type = "import(\"../ts/wasm.ts\").Host")]
    pub type JsHost;

    // `catch`, although the facade reports what its listeners throw: what is thrown through the WebAssembly leaves it
    // with borrows and turns that are never given back.
    #[wasm_bindgen(method, catch)]
    fn changed(
        this: &JsHost,
        snapshot: &str,
        info: &str,
        is_state_change: bool,
        event: Option<&str>,
        details: Option<&str>,
    ) -> Result<(), JsValue>;

    #[wasm_bindgen(method, catch, js_name = isListening)]
    fn is_listening(this: &JsHost) -> Result<bool, JsValue>;
}

impl Host for JsHost {
    fn notify(&self, notice: &Notice) {
        let (name, details) = match &notice.event {
            None => (None, None),
            Some(ClientEvent::TokensRefreshed) => (Some("tokensRefreshed"), None),
            Some(ClientEvent::TokenRefreshFailed(error)) => (Some("tokenRefreshFailed"), Some(convert::error(error))),
            Some(ClientEvent::Offline) => (Some("offline"), None),
            Some(ClientEvent::Online) => (Some("online"), None),
        };
        let (snapshot, info) = (convert::snapshot(notice), convert::info(&notice.info));
        let _ = self.changed(
            &snapshot,
            &info,
            notice.is_state_change,
            name,
            details.as_deref().map(String::as_str),
        );
    }

    fn is_listening(&self) -> bool {
        JsHost::is_listening(self).unwrap_or_default()
    }
}

/// One client. Its methods take `&self`, so that any number of calls may be under way.
#[wasm_bindgen]
#[derive(Debug)]
pub struct Core {
    client: Client<Browser>,
    browser: Browser,
    host: JsHost,
    /// The calls under way that can be aborted, by the caller's number. Not a map: a map's code is larger than all calls.
    calls: Rc<RefCell<Vec<(u32, Abort)>>>,
    /// How many calls of `initialize` are under way.
    starting: Rc<Cell<u32>>,
}

#[wasm_bindgen]
impl Core {
    /// `host.changed(snapshot, info, isStateChange, event, details)` is called for every change, in order. User state
    /// listeners are to be called with `info` when `isStateChange` is true, others with `details` when there is an `event`.
    #[wasm_bindgen(constructor)]
    pub fn new(host: JsHost) -> Core {
        let browser = Browser::default();
        boundary::watch(&host);
        Core {
            client: Client::new(browser.clone(), host.clone()),
            browser,
            host,
            calls: Rc::default(),
            starting: Rc::default(),
        }
    }

    /// `initialize` with a document, or with the URL of one; `storage` is the app's own store, and `early` the request for
    /// the document that is under way already.
    pub fn initialize(
        &self,
        document: Option<String>,
        url: String,
        options: String,
        storage: JsValue,
        early: JsValue,
    ) -> Promise {
        if !early.is_undefined() {
            http::expect(early);
        }
        let client = self.client.clone();
        let browser = self.browser.clone();
        let starting = Rc::clone(&self.starting);
        promise::export(async move {
            let source = document.map_or(ConfigSource::Url(url), ConfigSource::Text);
            let mut options = InitializeOptions::parse(&options)?;
            // A store that is in use is not changed under the session, nor one that is being opened.
            let is_first = client.snapshot().storage.is_none() && starting.get() == 0;
            if !storage.is_undefined() {
                if is_first {
                    browser.use_custom_storage(storage);
                } else if !browser.has_custom_storage(&storage) {
                    return Err(other_option("storage"));
                }
                options.use_custom();
            }
            let initialize = client.initialize(source, options);
            starting.set(starting.get() + 1);
            let state = client.guard(&Abort::default(), initialize).await;
            starting.set(starting.get() - 1);
            let state = state?;
            if let Some(key) = client.channel_key() {
                let listener = client.clone();
                browser.listen(&key, move |signal| listener.signal(signal));
                // What another tab has written between the reading and the listening.
                client.signal(Signal::Changed);
            }
            Ok(convert::user_state(state))
        })
    }

    /// Calls a method of the client by its public name. One door for all of them: a door each costs 1.5 KB. `id` is the
    /// caller's, for [`abort`](Self::abort).
    pub fn call(&self, id: u32, method: String, options: String) -> Promise {
        let options = Zeroizing::new(options);
        let client = self.client.clone();
        let abort = Abort::default();
        self.calls.borrow_mut().push((id, abort.clone()));
        let calls = Rc::clone(&self.calls);
        promise::export(async move {
            let result = client.guard(&abort, dispatch(&client, &method, &options)).await;
            calls.borrow_mut().retain(|(other, _)| *other != id);
            result
        })
    }

    /// Ends a call with `aborted`.
    pub fn abort(&self, id: u32) {
        let calls = self.calls.borrow().clone();
        for (_, abort) in calls.iter().filter(|(other, _)| *other == id) {
            abort.abort();
        }
    }

    /// Ends everything.
    pub fn close(&self) {
        boundary::unwatch(&self.host);
        self.browser.close();
        self.client.close();
    }
}

async fn dispatch(client: &Client<Browser>, method: &str, text: &str) -> Settled {
    match method {
        "signIn" => Ok(result_of(client, &client.sign_in(SignInOptions::parse(text)?).await?)),
        "confirmSignIn" => {
            let options = ConfirmSignInOptions::parse(text)?;
            Ok(result_of(client, &client.confirm_sign_in(options).await?))
        }
        "resumeSignIn" => {
            options::none(method, text)?;
            let question = client.resume_sign_in().await?;
            let whose = client.asked_username();
            let ask = |question| convert::sign_in(&question, &client.totp_issuer(), whose.as_deref());
            Ok(question.map_or_else(nothing, ask))
        }
        "autoSignIn" => {
            let options = AutoSignInOptions::parse(text)?;
            Ok(result_of(client, &client.auto_sign_in(options).await?))
        }
        "prepareSignIn" => client.prepare_sign_in().map(|()| nothing()),
        "getTokens" => {
            let session = client.get_tokens(GetTokensOptions::parse(text)?).await?;
            Ok(convert::tokens(&session))
        }
        "releaseSignInWait" => {
            client.release_sign_in_wait();
            Ok(nothing())
        }
        "signOut" => client.sign_out(SignOutOptions::parse(text)?).await.map(|()| nothing()),
        "clearStorage" => client.clear_storage().await.map(|()| nothing()),
        "passkeyOperations.register" => {
            options::none(method, text)?;
            client.register_passkey().await.map(|()| nothing())
        }
        _ => match Operation::of_call(method) {
            Some(operation) => client.operate(operation, text).await,
            None => Err(AuthError::new(
                Code::Internal,
                "The facade and the WebAssembly are of different versions.",
            )),
        },
    }
}

fn result_of(client: &Client<Browser>, result: &SignInResult) -> Zeroizing<String> {
    convert::sign_in(result, &client.totp_issuer(), None)
}

fn nothing() -> Zeroizing<String> {
    Zeroizing::new("null".into())
}
