//! The table itself.

use super::answer::{Field, Told};
use super::options::{Kind, Member, optional, required};
use super::{After, Operation, Who};

const METADATA: Member = optional("clientMetadata", "ClientMetadata", Kind::Map);
/// The app's, or this device's.
const DEVICE_KEY: Member = optional("deviceKey", "DeviceKey", Kind::Text);
const ATTRIBUTE_NAME: Member = required("attributeName", "AttributeName", Kind::AttributeName);

const DEVICE: &[Field] = &[
    Field("DeviceKey", "deviceKey", Told::RequiredText),
    Field("DeviceAttributes", "attributes", Told::Pairs),
    Field("DeviceAttributes", "remembered", Told::Remembered),
    Field("DeviceCreateDate", "createDate", Told::Time),
    Field("DeviceLastModifiedDate", "lastModifiedDate", Told::Time),
    Field("DeviceLastAuthenticatedDate", "lastAuthenticatedDate", Told::Time),
];

const SESSION: &[Field] = &[
    Field("SessionId", "sessionId", Told::RequiredText),
    Field("SessionType", "sessionType", Told::Text),
    Field("ClientId", "clientId", Told::Text),
    Field("CreateDate", "createDate", Told::Time),
    Field("LastActiveDate", "lastActiveDate", Told::Time),
    Field("DeviceType", "deviceType", Told::Text),
    Field("LastIPAddress", "lastIpAddress", Told::Text),
    Field(
        "LastLocation",
        "lastLocation",
        Told::Object(&[
            Field("City", "city", Told::Text),
            Field("Country", "country", Told::Text),
        ]),
    ),
    Field("OriginSessionId", "originSessionId", Told::Text),
    Field("IsCurrentSession", "isCurrentSession", Told::Flag),
];

const PASSKEY: &[Field] = &[
    Field("CredentialId", "credentialId", Told::RequiredText),
    Field("FriendlyCredentialName", "friendlyCredentialName", Told::Text),
    Field("RelyingPartyId", "relyingPartyId", Told::Text),
    Field("AuthenticatorAttachment", "authenticatorAttachment", Told::Text),
    Field("AuthenticatorTransports", "authenticatorTransports", Told::Texts),
    Field("CreatedAt", "createdAt", Told::Time),
];

const DELIVERY: Field = Field("CodeDeliveryDetails", "codeDeliveryDetails", Told::Delivery);

/// A row that most others differ from in a few places.
const ROW: Operation = Operation {
    call: "",
    name: "",
    who: Who::Session,
    members: &[],
    answer: &[],
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
        answer: &[
            Field("UserConfirmed", "signUpConfirmationState", Told::Confirmed),
            DELIVERY,
            Field("UserSub", "userSub", Told::Text),
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
        answer: &[Field("", "signUpConfirmationState", Told::Fixed("confirmed"))],
        after: After::Confirmed,
        ..ROW
    },
    Operation {
        call: "resendSignUpCode",
        name: "ResendConfirmationCode",
        who: Who::User,
        members: &[METADATA],
        answer: &[
            Field("", "signUpConfirmationState", Told::Fixed("unconfirmed")),
            DELIVERY,
        ],
        ..ROW
    },
    Operation {
        call: "forgotPassword",
        name: "ForgotPassword",
        who: Who::User,
        members: &[METADATA],
        answer: &[
            Field("", "forgotPasswordState", Told::Fixed("confirmationCodeSent")),
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
        answer: &[Field("", "forgotPasswordState", Told::Fixed("done"))],
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
        answer: &[Field("UserAttributes", "userAttributes", Told::Pairs)],
        ..ROW
    },
    Operation {
        call: "updateUserAttributes",
        name: "UpdateUserAttributes",
        members: &[required("userAttributes", "UserAttributes", Kind::Attributes), METADATA],
        answer: &[Field(
            "CodeDeliveryDetailsList",
            "codeDeliveryDetails",
            Told::Deliveries,
        )],
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
        answer: &[DELIVERY],
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
        answer: &[
            Field("SecretCode", "setupUri", Told::SetupUri),
            Field("SecretCode", "secretCode", Told::RequiredText),
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
        answer: &[
            Field("UserMFASettingList", "enabled", Told::Texts),
            Field("PreferredMfaSetting", "preferred", Told::Text),
        ],
        ..ROW
    },
    Operation {
        call: "getUserAuthFactors",
        name: "GetUserAuthFactors",
        answer: &[
            Field("Username", "username", Told::RequiredText),
            Field("PreferredMfaSetting", "preferredMfaSetting", Told::Text),
            Field("UserMFASettingList", "userMFASettingList", Told::Texts),
            Field("ConfiguredUserAuthFactors", "configuredUserAuthFactors", Told::Texts),
        ],
        ..ROW
    },
    Operation {
        call: "passkeyOperations.list",
        name: "ListWebAuthnCredentials",
        answer: &[Field("Credentials", "passkeys", Told::List(PASSKEY))],
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
        answer: &[Field("Devices", "devices", Told::List(DEVICE))],
        pages: Some(("Devices", "PaginationToken")),
        ..ROW
    },
    Operation {
        call: "deviceOperations.get",
        name: "GetDevice",
        members: &[DEVICE_KEY],
        answer: &[Field("Device", "device", Told::RequiredObject(DEVICE))],
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
        answer: &[Field("Sessions", "sessions", Told::List(SESSION))],
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
