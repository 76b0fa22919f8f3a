//! The store that the pages of an origin share.

use std::collections::BTreeMap;
use std::rc::Rc;

use zeroize::Zeroizing;

use super::faults::{Access, Fault, access};
use super::invariants;
use super::page::Tab;
use super::world::{PageId, Slot, World};
use crate::core::devices::Devices;
use crate::core::error::{AuthError, Code};
use crate::engine::inspect::CONFIGURATION_KEY;
use crate::ports::{Note, Storage, StorageKind, Stored, Trial};

/// Where the session of the simulated configuration is stored.
pub(super) const KEY: &str = "cognito-wasm/us-east-1_Pool/client1/-";

/// And where the devices are.
const DEVICES: &str = "cognito-wasm/us-east-1_Pool/client1/-/devices";

/// All records, and whether they can still be decrypted.
#[derive(Debug)]
pub(super) struct Store {
    pub(super) kind: StorageKind,
    records: BTreeMap<String, String>,
    is_key_lost: bool,
}

impl Default for Store {
    fn default() -> Self {
        Self {
            kind: StorageKind::IndexedDb,
            records: BTreeMap::default(),
            is_key_lost: false,
        }
    }
}

impl Store {
    pub(super) fn session_record(&self) -> Option<&str> {
        self.records.get(KEY).map(|text| &**text).filter(|_| !self.is_key_lost)
    }

    /// The devices whose secrets are stored.
    pub(super) fn devices(&self) -> Devices {
        let text = self.records.get(DEVICES).filter(|_| !self.is_key_lost);
        text.map(|text| Devices::decode(text)).unwrap_or_default()
    }

    fn read(&self, key: &str) -> Option<Stored> {
        let text = self.records.get(key)?;
        Some(Stored {
            stamp: stamp_of(text).to_owned(),
            text: (!self.is_key_lost).then(|| Zeroizing::new(text.clone())),
        })
    }

    fn swap(&mut self, key: &str, expected: Option<&str>, record: &str) -> bool {
        let fits = self.records.get(key).map(|text| stamp_of(text)) == expected;
        if fits {
            if self.is_key_lost {
                // A new key was made; what the old one encrypted stays lost.
                self.records.retain(|_, text| {
                    *text = format!("{} lost", stamp_of(text));
                    true
                });
                self.is_key_lost = false;
            }
            self.records.insert(key.into(), record.into());
        }
        fits
    }
}

impl World {
    /// Damages the store as browsers and disks do.
    pub(super) fn damage_store(&self) {
        self.faults.saw(Fault::Damage);
        let way = self.draw(3);
        let mut store = self.store.borrow_mut();
        match way {
            0 => {
                self.note(|| "the store is emptied".into());
                store.records.clear();
            }
            1 => {
                self.note(|| "the key is lost".into());
                store.is_key_lost = true;
            }
            _ => {
                self.note(|| "the record is damaged".into());
                if let Some(text) = store.records.get_mut(KEY) {
                    let end = text.len() / 2;
                    text.truncate(end.max(stamp_of(text).len() + 1));
                }
            }
        }
    }

    /// Does something to the store for a page, which may go meanwhile. What has been handed over may be done all the
    /// same.
    async fn operate<T: 'static>(
        self: &Rc<Self>,
        page: PageId,
        what: &'static str,
        effect: impl FnOnce(&World) -> T + 'static,
    ) -> Result<T, AuthError> {
        let slot = Slot::new();
        let reply = slot.wait();
        let (time, access) = access(self);
        let world = Rc::clone(self);
        let operation = async move {
            if time > 0 {
                world.sleep(None, time).await;
            }
            if slot.is_given_up() && world.chance(500) {
                return;
            }
            match access {
                Access::Failed => slot.fill(Err(refused())),
                Access::Done => slot.fill(Ok(effect(&world))),
                Access::DoneAndFailed => {
                    effect(&world);
                    slot.fill(Err(refused()));
                }
            }
        };
        let name = format!("store: {what} for page {page}, {access:?} after {time} ms");
        self.spawn(name, None, Some(page), operation);
        reply.await
    }
}

impl Storage for Tab {
    async fn probe(&self, kind: StorageKind, _: &str) -> Trial {
        if !self.is_used(kind) {
            return Trial::Absent;
        }
        let tried = self.world.operate(self.page.id, "probe", |_| ());
        // The simulated store always opens in the end.
        let _ = tried.await;
        Trial::Works
    }

    async fn read(&self, kind: StorageKind, key: &str) -> Result<Option<Stored>, AuthError> {
        if !self.is_used(kind) {
            return Ok(None);
        }
        let (key, page) = (key.to_owned(), Rc::clone(&self.page));
        let read = move |world: &World| {
            if key == KEY && page.missed.take().is_some() {
                page.looked.set(world.awake());
            }
            world.store.borrow().read(&key)
        };
        self.world.operate(self.page.id, "read", read).await
    }

    async fn swap(
        &self,
        kind: StorageKind,
        key: &str,
        expected: Option<&str>,
        record: &str,
    ) -> Result<bool, AuthError> {
        assert!(self.is_used(kind), "{kind:?} is none of the simulated stores");
        let (key, expected, record) = (key.to_owned(), expected.map(String::from), record.to_owned());
        let page = Rc::clone(&self.page);
        let swap = move |world: &World| {
            let before = world.store.borrow().session_record().map(String::from);
            let is_done = world.store.borrow_mut().swap(&key, expected.as_deref(), &record);
            if is_done && key == KEY {
                page.stored.set((world.ledger.borrow().attempts.len(), world.now()));
                invariants::stored(world, page.id, before.as_deref(), Some(&record));
            }
            invariants::devices_kept(world);
            world.note(|| format!("    stored {is_done}: {}", brief(&record)));
            is_done
        };
        self.world.operate(self.page.id, "swap", swap).await
    }

    async fn remove(&self, kind: StorageKind, _: &str) -> Result<(), AuthError> {
        panic!("{kind:?} holds nothing that would be removed alone");
    }

    async fn clear(&self, _: StorageKind, key: &str, keeps_record: bool) -> Result<(), AuthError> {
        let (key, page) = (key.to_owned(), self.page.id);
        let clear = move |world: &World| {
            if keeps_record {
                return;
            }
            let may_have_failed = [Fault::Storage, Fault::Freeze].map(|fault| world.faults.has_seen(fault));
            if key == KEY && may_have_failed.contains(&true) {
                // The sign-out could not be stored, or not in time; to other tabs the record is lost.
                world.faults.saw(Fault::Damage);
            }
            // The first that a clearing removes: what is there by then is to be gone in the end.
            if key == CONFIGURATION_KEY {
                invariants::devices_cleared(world);
            }
            let before = world.store.borrow().session_record().map(String::from);
            world.store.borrow_mut().records.remove(&key);
            if key == KEY {
                invariants::stored(world, page, before.as_deref(), None);
            }
        };
        self.world.operate(self.page.id, "clear", clear).await
    }

    fn note(&self, _: Note, _: &str) -> Option<String> {
        None
    }

    fn set_note(&self, _: Note, _: &str, _: Option<&str>) {}

    fn foreign(&self, _: &str) -> Option<Zeroizing<String>> {
        None
    }

    fn remove_foreign(&self, _: &str) {}
}

impl Tab {
    /// One store is simulated.
    fn is_used(&self, kind: StorageKind) -> bool {
        kind == self.world.store.borrow().kind
    }
}

/// The record without its tokens' texts, for the trace.
fn brief(record: &str) -> String {
    use crate::core::record::{Record, User};
    use crate::core::secret::RefreshToken;
    match Record::decode(record) {
        Err(_) => record.chars().take(80).collect(),
        Ok(record) => {
            let user = match &record.user {
                User::SignedOut(reason) => format!("signed out, {}", reason.as_str()),
                User::SignedIn(session) => format!(
                    "session {} of {:?}, {}, refusal {:?}, journal {:?}",
                    session.id,
                    session.username(),
                    session.refresh_token().map_or("no tokens", RefreshToken::reveal),
                    session.refusal,
                    session.journal,
                ),
            };
            let revocations = record
                .revocations
                .iter()
                .map(|revocation| revocation.token.reveal())
                .collect::<Vec<_>>();
            format!("{} {user}, to revoke {revocations:?}", record.generation)
        }
    }
}

fn stamp_of(record: &str) -> &str {
    record.split(' ').next().unwrap_or_default()
}

fn refused() -> AuthError {
    AuthError::new(Code::Storage, "The store refuses.")
}
