// The user's attributes: read, changed, removed, and proven by a code where they are an address.
import { element } from "../dom.js";
import { onPress, onSubmit } from "../forms.js";
import { button, code, field, form, primary } from "../fields.js";
import { codeSent } from "../words.js";
import { addSection, clearRows, loadRows, row, rowsOf } from "./section.js";

/** What a code can prove. */
const provable = ["email", "phone_number"];

/** What the service writes, and no user does. */
const isServices = (name) => name === "sub" || name === "identities" || /_verified$/.test(name);

const suggestions = ["email", "phone_number", "name", "given_name", "family_name", "nickname", "locale", "zoneinfo"];

export function startAttributes(client, page) {
  const change = changeForm();
  const confirm = form(
    "attribute-code-form",
    [
      ...field("Attribute to confirm", { id: "attribute-code-name", name: "attributeName", readOnly: true }),
      ...code("attribute-code", "UpdateUserAttributes GetUserAttributeVerificationCode"),
    ],
    primary("Confirm it"),
  );
  const section = addSection(
    "attributes",
    "Your attributes",
    ...rowsOf("attributes", "You have none."),
    confirm,
    change,
  );
  confirm.hidden = true;

  const load = () =>
    loadRows(page, section, "attributes", async () => {
      const attributes = await client.getUserAttributes();
      return Object.entries(attributes)
        .filter(([name]) => !provable.some((each) => name === `${each}_verified`))
        .map(([name, value]) => attributeRow(name, value, attributes[`${name}_verified`]));
    });
  page.whenShown("attributes", load);

  function attributeRow(name, value, verified) {
    const buttons = [];
    const action = (text, act) => {
      const control = button(text);
      control.setAttribute("aria-label", `${text} ${name}`);
      onPress(control, section, act);
      buttons.push(control);
    };
    const isProvable = provable.includes(name);
    if (isProvable && verified !== "true") {
      action("Verify", async () => askForCode(name, await client.verifyUserAttribute({ attributeName: name })));
    }
    if (!isServices(name)) {
      action("Change", () => {
        change.elements.attributeName.value = name;
        change.elements.value.value = value;
        change.elements.value.focus();
      });
      action("Delete", async () => {
        await client.deleteUserAttributes({ userAttributeNames: [name] });
        await load();
        return `${name} is deleted.`;
      });
    }
    const mark = !isProvable ? "" : verified === "true" ? "verified" : "not verified";
    return row(name, mark, value, ...buttons);
  }

  function askForCode(name, details) {
    confirm.hidden = false;
    confirm.elements.attributeName.value = name;
    confirm.elements.code.value = "";
    confirm.elements.code.focus();
    return codeSent(details);
  }

  onSubmit(change, async ({ attributeName, value }) => {
    const [details] = await client.updateUserAttributes({ userAttributes: { [attributeName]: value } });
    change.reset();
    await load();
    return details ? askForCode(details.attributeName ?? attributeName, details) : `${attributeName} is saved.`;
  });

  onSubmit(confirm, async ({ attributeName, code }) => {
    await client.confirmVerifyUserAttribute({ attributeName, confirmationCode: code.trim() });
    confirm.reset();
    confirm.hidden = true;
    await load();
    page.notify(`${attributeName} is confirmed.`);
  });

  return {
    clear() {
      clearRows("attributes");
      confirm.reset();
      confirm.hidden = true;
      change.reset();
    },
  };
}

function changeForm() {
  const [label, name] = field("Attribute", {
    id: "attribute-name",
    name: "attributeName",
    autocapitalize: "none",
    spellcheck: false,
    required: true,
  });
  name.setAttribute("list", "attribute-names");
  const names = element(
    "datalist",
    { id: "attribute-names" },
    ...suggestions.map((value) => element("option", { value })),
  );
  const value = field("Value", { id: "attribute-value", name: "value", required: true });
  return form(
    "attribute-form",
    [element("h3", {}, "Add or change one"), label, name, names, ...value],
    primary("Save"),
  );
}
