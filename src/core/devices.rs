//! The secrets of this device, one for each user whose device the pool tracks here. They are kept as tokens are, and
//! outlive a sign-out: with them the user is known to come back on a device that was seen before.

use zeroize::Zeroizing;

use super::envelope;
use super::json::{ObjectWriter, Reader};
use super::secret::DevicePassword;
use crate::core::limits::MAX_DEVICE_USERS;

/// This device, as the pool knows it for one user. Only its key prints.
#[derive(Clone, Debug)]
pub struct Device {
    /// Whose: `USER_ID_FOR_SRP`.
    pub user: String,
    /// What the user typed to sign in, the latest first, so that the first request can name the device already.
    pub typed: Vec<String>,
    /// `DeviceKey`.
    pub key: String,
    /// `DeviceGroupKey`.
    pub group_key: String,
    /// What proves that it is this device.
    pub password: DevicePassword,
}

/// The devices that are known here, the newest first.
#[derive(Clone, Debug, Default)]
pub struct Devices(Vec<Device>);

impl Devices {
    /// Whether none is known.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The device of the user of this name, `USER_ID_FOR_SRP`.
    pub fn of_user(&self, id: &str) -> Option<&Device> {
        self.0.iter().find(|device| device.user == id)
    }

    /// The device of the user of this name, or who typed this name; or else, who is the only one to have such a name but
    /// for the case of its letters A to Z. Whether case tells names apart, the pool does not say: a pool where it does
    /// refuses a device of another user, and the sign-in goes on without it.
    pub fn of(&self, username: &str) -> Option<&Device> {
        let typed = || self.0.iter().find(|device| device.is_typed(username));
        self.of_user(username)
            .or_else(typed)
            .or_else(|| self.of_any_case(username))
    }

    fn of_any_case(&self, username: &str) -> Option<&Device> {
        let mut found = self.0.iter().filter(|device| {
            let mut names = std::iter::once(&device.user).chain(&device.typed);
            names.any(|name| name.eq_ignore_ascii_case(username))
        });
        found.next().filter(|_| found.next().is_none())
    }

    /// With this device in place of any that the same user had, whose names still lead to the user.
    pub fn keep(&mut self, mut device: Device) {
        if let Some(before) = self.of_user(&device.user) {
            device.typed.clone_from(&before.typed);
        }
        self.0.retain(|other| other.user != device.user);
        self.0.insert(0, device);
        self.0.truncate(MAX_DEVICE_USERS);
    }

    /// Notes that this typed name is this user's, and no other's. Whether that is news.
    pub fn note(&mut self, user: &str, typed: &str) -> bool {
        let is_news = self.of_user(user).is_some() && self.of(typed).is_none_or(|device| device.user != user);
        if is_news {
            self.forget_name(typed);
        }
        for device in self.0.iter_mut().filter(|device| is_news && device.user == user) {
            device.typed.insert(0, typed.into());
            device.typed.truncate(MAX_DEVICE_USERS);
        }
        is_news
    }

    /// Notes that this name leads to no device. Whether that is news.
    pub fn forget_name(&mut self, typed: &str) -> bool {
        let is_news = self.0.iter().any(|device| device.is_typed(typed));
        for device in self.0.iter_mut().filter(|_| is_news) {
            device.typed.retain(|name| name != typed);
        }
        is_news
    }

    /// Without these devices. Whether there were any.
    pub fn remove(&mut self, is_meant: &dyn Fn(&Device) -> bool) -> bool {
        let before = self.0.len();
        self.0.retain(|device| !is_meant(device));
        self.0.len() != before
    }

    /// As it is stored.
    pub fn encode(&self, generation: i64) -> Zeroizing<String> {
        let devices = self.0.iter().map(|device| {
            ObjectWriter::with_capacity(512)
                .text("user", &device.user)
                .texts("typed", device.typed.iter().map(|name| &**name))
                .text("key", &device.key)
                .text("groupKey", &device.group_key)
                .text("password", device.password.reveal())
        });
        envelope::seal(generation, ObjectWriter::new().objects("devices", devices))
    }

    /// What was stored. What cannot be read is no device: the pool then sees a new one.
    pub fn decode(text: &str) -> Self {
        let read = envelope::open(text, |root| Some(root.objects("devices").iter().map(device).collect()));
        read.map_or_else(|_| Self::default(), |(_, devices)| Self(devices))
    }
}

impl Device {
    fn is_typed(&self, name: &str) -> bool {
        self.typed.iter().any(|typed| typed == name)
    }
}

fn device(item: &Reader<'_>) -> Device {
    let text = |key| item.required_text(key).into();
    Device {
        user: text("user"),
        typed: item.texts("typed"),
        key: text("key"),
        group_key: text("groupKey"),
        password: DevicePassword::new(item.required_text("password")),
    }
}

#[cfg(test)]
#[cfg(not(target_arch = "wasm32"))]
mod tests {
    use super::*;
    use crate::core::envelope::sealed;
    use proptest::prelude::*;

    fn device(user: &str) -> Device {
        Device {
            user: user.into(),
            typed: vec![format!("{user}@example.com")],
            key: format!("us-east-1_{user}"),
            group_key: "-group".into(),
            password: DevicePassword::new("hush-hush"),
        }
    }

    fn devices(users: &[&str]) -> Devices {
        let mut devices = Devices::default();
        for user in users {
            devices.keep(device(user));
        }
        devices
    }

    #[test]
    fn devices_read_back_as_they_were_written() {
        let read = Devices::decode(&devices(&["alice", "bob"]).encode(7));
        let bob = read.of("bob").unwrap();
        assert_eq!((&*bob.key, &*bob.group_key), ("us-east-1_bob", "-group"));
        assert_eq!(bob.password.reveal(), "hush-hush");
        assert_eq!(read.of("alice@example.com").unwrap().user, "alice");
        assert!(read.of("carol").is_none());
        assert!(!format!("{read:?}").contains("hush"));
    }

    #[test]
    fn a_user_has_one_device_here() {
        let mut devices = devices(&["alice"]);
        devices.keep(Device {
            key: "newer".into(),
            ..device("alice")
        });
        assert_eq!(devices.of("alice").unwrap().key, "newer");
        assert!(!devices.remove(&|device| device.key == "us-east-1_alice"));
        assert!(devices.remove(&|device| device.key == "newer"));
        assert!(devices.of("alice").is_none());
    }

    #[test]
    fn id_is_found_before_a_name_that_another_user_typed() {
        let mut devices = devices(&["bob"]);
        devices.keep(Device {
            typed: vec!["bob".into()],
            ..device("alice")
        });
        assert_eq!(devices.of("bob").unwrap().user, "bob");
        assert!(devices.remove(&|device| device.user == "bob"));
        assert!(devices.of("bob").is_some() && devices.of_user("bob").is_none());
    }

    #[test]
    fn typed_name_leads_to_its_user_until_another_user_signs_in_by_it() {
        let mut devices = devices(&["alice", "bob"]);
        assert!(devices.note("alice", "+1555") && !devices.note("alice", "+1555"));
        assert!(!devices.note("alice", "alice") && !devices.note("carol", "+1666"));
        devices.keep(Device {
            typed: Vec::new(),
            ..device("alice")
        });
        for name in ["alice", "alice@example.com", "+1555"] {
            assert_eq!(devices.of(name).unwrap().user, "alice");
        }
        assert!(devices.note("bob", "+1555"));
        assert_eq!(devices.of("+1555").unwrap().user, "bob");
        for number in 0..2 * MAX_DEVICE_USERS {
            devices.note("bob", &number.to_string());
        }
        assert!(devices.of("+1555").is_none() && devices.of("19").is_some());
    }

    #[test]
    fn a_name_in_another_case_leads_to_the_only_user_who_has_it() {
        let mut devices = devices(&["alice", "Bob"]);
        for name in ["ALICE", "Alice@Example.COM"] {
            assert_eq!(devices.of(name).unwrap().user, "alice", "{name}");
            assert!(!devices.note("alice", name), "{name} needs no place of its own");
        }
        assert!(devices.of("alice ").is_none() && devices.of_user("ALICE").is_none());
        assert!(
            !devices.forget_name("ALICE@example.com"),
            "another spelling may be another user's"
        );

        // In a pool where case tells them apart.
        assert!(devices.note("Bob", "ALICE"));
        assert_eq!(devices.of("ALICE").unwrap().user, "Bob");
        assert_eq!(devices.of("alice").unwrap().user, "alice");
        assert!(devices.of("Alice").is_none(), "it may be either's");
        assert!(devices.note("alice", "Alice"));
        assert_eq!(devices.of("Alice").unwrap().user, "alice");
    }

    #[test]
    fn a_name_is_forgotten_without_its_device() {
        let mut devices = devices(&["alice", "bob"]);
        assert!(devices.forget_name("alice@example.com") && !devices.forget_name("alice@example.com"));
        assert!(
            !devices.forget_name("bob"),
            "a user's own name leads to the device for ever"
        );
        assert!(devices.of("alice@example.com").is_none());
        for name in ["alice", "bob", "bob@example.com"] {
            assert!(devices.of(name).is_some(), "{name}");
        }
    }

    #[test]
    fn only_those_who_signed_in_last_are_kept() {
        let users: Vec<_> = (0..MAX_DEVICE_USERS + 5)
            .map(|number| format!("user{number}"))
            .collect();
        let users: Vec<_> = users.iter().map(|user| &**user).collect();
        let devices = devices(&users);
        assert!(devices.of("user4").is_none() && devices.of("user5").is_some());
    }

    #[test]
    fn what_is_damaged_holds_no_device() {
        let whole = devices(&["alice"]).encode(1);
        let cut = whole.strip_suffix('}').unwrap();
        for text in [
            "",
            "1",
            cut,
            &sealed("1", r#"{"version":1,"devices":[{"user":"alice"}]}"#),
        ] {
            assert!(Devices::decode(text).of("alice").is_none(), "{text}");
        }
    }

    proptest! {
        #[test]
        fn no_text_makes_the_reader_panic(text in any::<String>(), json in any::<String>(), items in "(\\{\"[a-z]{1,4}\":(\"x\"|7|null)\\},?){0,3}") {
            let _ = Devices::decode(&text);
            let _ = Devices::decode(&sealed("1", &json));
            let _ = Devices::decode(&sealed("1", &format!(r#"{{"version":1,"devices":[{items}]}}"#)));
        }
    }
}
