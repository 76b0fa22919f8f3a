/// The browser as the client's environment. Each port is implemented in the file of its name.
#[derive(Clone, Copy, Debug)]
pub(super) struct Browser;
