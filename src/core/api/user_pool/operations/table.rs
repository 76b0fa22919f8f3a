//! The table itself.

use super::options::{Kind, Member, optional, required};
use super::response::{As, Field};
use super::{After, Operation, Who};

const METADATA: Member = optional("clientMetadata", "ClientMetadata", Kind::Map);
/// The app's, or this device's.
const DEVICE_KEY: Member = optional("deviceKey", "DeviceKey", Kind::Text);
const ATTRIBUTE_NAME: Member = required("attributeName", "AttributeName", Kind::AttributeName);

const DEVICE: &[Field] = &[
    Field("DeviceKey", "deviceKey", As::RequiredText),
    Field("DeviceAttributes", "attributes", As::Pairs),
    Field("DeviceAttributes", "remembered", As::Remembered),
    Field("DeviceCreateDate", "createDate", As::Time),
    Field("DeviceLastModifiedDate", "lastModifiedDate", As::Time),
    Field("DeviceLastAuthenticatedDate", "lastAuthenticatedDate", As::Time),
];

const SESSION: &[Field] = &[
    Field("SessionId", "sessionId", As::RequiredText),
    Field("SessionType", "sessionType", As::Text),
    Field("ClientId", "clientId", As::Text),
    Field("CreateDate", "createDate", As::Time),
    Field("LastActiveDate", "lastActiveDate", As::Time),
    Field("DeviceType", "deviceType", As::Text),
    Field("LastIPAddress", "lastIpAddress", As::Text),
    Field(
        "LastLocation",
        "lastLocation",
        As::Object(&[Field("City", "city", As::Text), Field("Country", "country", As::Text)]),
    ),
    Field("OriginSessionId", "originSessionId", As::Text),
    Field("IsCurrentSession", "isCurrentSession", As::Flag),
];

const PASSKEY: &[Field] = &[
    Field("CredentialId", "credentialId", As::RequiredText),
    Field("FriendlyCredentialName", "friendlyCredentialName", As::Text),
    Field("RelyingPartyId", "relyingPartyId", As::Text),
    Field("AuthenticatorAttachment", "authenticatorAttachment", As::Text),
    Field("AuthenticatorTransports", "authenticatorTransports", As::Texts),
    Field("CreatedAt", "createdAt", As::Time),
];

const DELIVERY: Field = Field("CodeDeliveryDetails", "codeDeliveryDetails", As::Delivery);

/// A row that most others differ from in a few places.
const ROW: Operation = Operation {
    call: "",
    name: "",
    who: Who::Session,
    members: &[],
    response: &[],
    pages: None,
    after: After::Nothing,
};

pub(super) const OPERATIONS: &[Operation] = &[
    Operation {
        call: "signUp",
        name: "SignUp",
        who: Who::User,
        members: &[
            optional("password", "Password", Kind::Text),
            optional("userAttributes", "UserAttributes", Kind::Attributes),
            optional("validationData", "ValidationData", Kind::Pairs),
            METADATA,
        ],
        response: &[
            Field("UserConfirmed", "signUpConfirmationState", As::Confirmed),
            DELIVERY,
            Field("UserSub", "userSub", As::Text),
        ],
        after: After::SignedUp,
        ..ROW
    },
    Operation {
        call: "confirmSignUp",
        name: "ConfirmSignUp",
        who: Who::User,
        members: &[
            required("confirmationCode", "ConfirmationCode", Kind::Text),
            optional("forceAliasCreation", "ForceAliasCreation", Kind::Flag),
            METADATA,
        ],
        response: &[Field("", "signUpConfirmationState", As::Fixed("confirmed"))],
        after: After::Confirmed,
        ..ROW
    },
    Operation {
        call: "resendSignUpCode",
        name: "ResendConfirmationCode",
        who: Who::User,
        members: &[METADATA],
        response: &[Field("", "signUpConfirmationState", As::Fixed("unconfirmed")), DELIVERY],
        ..ROW
    },
    Operation {
        call: "forgotPassword",
        name: "ForgotPassword",
        who: Who::User,
        members: &[METADATA],
        response: &[
            Field("", "forgotPasswordState", As::Fixed("confirmationCodeSent")),
            DELIVERY,
        ],
        ..ROW
    },
    Operation {
        call: "confirmForgotPassword",
        name: "ConfirmForgotPassword",
        who: Who::User,
        members: &[
            required("newPassword", "Password", Kind::Text),
            required("confirmationCode", "ConfirmationCode", Kind::Text),
            METADATA,
        ],
        response: &[Field("", "forgotPasswordState", As::Fixed("done"))],
        ..ROW
    },
    Operation {
        call: "changePassword",
        name: "ChangePassword",
        members: &[
            optional("currentPassword", "PreviousPassword", Kind::Text),
            required("proposedPassword", "ProposedPassword", Kind::Text),
        ],
        ..ROW
    },
    Operation {
        call: "getUserAttributes",
        name: "GetUser",
        response: &[Field("UserAttributes", "userAttributes", As::Pairs)],
        ..ROW
    },
    Operation {
        call: "updateUserAttributes",
        name: "UpdateUserAttributes",
        members: &[required("userAttributes", "UserAttributes", Kind::Attributes), METADATA],
        response: &[Field("CodeDeliveryDetailsList", "codeDeliveryDetails", As::Deliveries)],
        after: After::RenewTokens,
        ..ROW
    },
    Operation {
        call: "deleteUserAttributes",
        name: "DeleteUserAttributes",
        members: &[required(
            "userAttributeNames",
            "UserAttributeNames",
            Kind::AttributeNames,
        )],
        after: After::RenewTokens,
        ..ROW
    },
    Operation {
        call: "verifyUserAttribute",
        name: "GetUserAttributeVerificationCode",
        members: &[ATTRIBUTE_NAME, METADATA],
        response: &[DELIVERY],
        ..ROW
    },
    Operation {
        call: "confirmVerifyUserAttribute",
        name: "VerifyUserAttribute",
        members: &[ATTRIBUTE_NAME, required("confirmationCode", "Code", Kind::Text)],
        after: After::RenewTokens,
        ..ROW
    },
    Operation {
        call: "setUpTOTP",
        name: "AssociateSoftwareToken",
        response: &[
            Field("SecretCode", "setupUri", As::SetupUri),
            Field("SecretCode", "secretCode", As::RequiredText),
        ],
        ..ROW
    },
    Operation {
        call: "verifyTOTPSetup",
        name: "VerifySoftwareToken",
        members: &[
            required("code", "UserCode", Kind::Text),
            optional("friendlyDeviceName", "FriendlyDeviceName", Kind::Text),
        ],
        after: After::CheckStatus,
        ..ROW
    },
    Operation {
        call: "updateMFAPreference",
        name: "SetUserMFAPreference",
        members: &[
            optional("sms", "SMSMfaSettings", Kind::Preference),
            optional("softwareToken", "SoftwareTokenMfaSettings", Kind::Preference),
            optional("email", "EmailMfaSettings", Kind::Preference),
            optional("webAuthn", "WebAuthnMfaSettings", Kind::Enabling),
        ],
        ..ROW
    },
    Operation {
        call: "getMFAPreference",
        name: "GetUser",
        response: &[
            Field("UserMFASettingList", "enabled", As::Texts),
            Field("PreferredMfaSetting", "preferred", As::Text),
        ],
        ..ROW
    },
    Operation {
        call: "getUserAuthFactors",
        name: "GetUserAuthFactors",
        response: &[
            Field("Username", "username", As::RequiredText),
            Field("PreferredMfaSetting", "preferredMfaSetting", As::Text),
            Field("UserMFASettingList", "userMFASettingList", As::Texts),
            Field("ConfiguredUserAuthFactors", "configuredUserAuthFactors", As::Texts),
        ],
        ..ROW
    },
    Operation {
        call: "passkeyOperations.list",
        name: "ListWebAuthnCredentials",
        response: &[Field("Credentials", "passkeys", As::List(PASSKEY))],
        pages: Some(("Credentials", "NextToken")),
        ..ROW
    },
    Operation {
        call: "passkeyOperations.delete",
        name: "DeleteWebAuthnCredential",
        members: &[required("credentialId", "CredentialId", Kind::Text)],
        ..ROW
    },
    Operation {
        call: "deviceOperations.list",
        name: "ListDevices",
        response: &[Field("Devices", "devices", As::List(DEVICE))],
        pages: Some(("Devices", "PaginationToken")),
        ..ROW
    },
    Operation {
        call: "deviceOperations.get",
        name: "GetDevice",
        members: &[DEVICE_KEY],
        response: &[Field("Device", "device", As::RequiredObject(DEVICE))],
        ..ROW
    },
    Operation {
        call: "deviceOperations.updateStatus",
        name: "UpdateDeviceStatus",
        members: &[
            DEVICE_KEY,
            required("remembered", "DeviceRememberedStatus", Kind::Remembered),
        ],
        ..ROW
    },
    Operation {
        call: "deviceOperations.forget",
        name: "ForgetDevice",
        members: &[DEVICE_KEY],
        after: After::ForgetDevice,
        ..ROW
    },
    Operation {
        call: "listUserSessions",
        name: "ListUserSessions",
        response: &[Field("Sessions", "sessions", As::List(SESSION))],
        pages: Some(("Sessions", "NextToken")),
        ..ROW
    },
    Operation {
        call: "revokeUserSession",
        name: "RevokeUserSession",
        members: &[
            required("sessionId", "SessionId", Kind::Text),
            optional("revokeAssociatedSessions", "RevokeAssociatedSessions", Kind::Linked),
        ],
        ..ROW
    },
    Operation {
        call: "deleteUser",
        name: "DeleteUser",
        who: Who::LeavingSession,
        ..ROW
    },
];
