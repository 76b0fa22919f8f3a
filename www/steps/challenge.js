// What a sign-in comes to: the user is in, or there is a question, which has its form here. The question stays over a
// reload, and a wrong answer leaves it open for as long as the service does.
import { byId } from "../dom.js";
import { clearFormError } from "../errors.js";
import { onSubmit } from "../forms.js";
import { questions } from "./questions.js";

export function startChallenge(client, page) {
  const form = byId("challenge-form");
  let asked;
  let lastParameters;

  /** Takes what `signIn` and the like resolve with. */
  function take(result, username = whose()) {
    const { signInState } = result;
    // Who is signed in is told to the listeners; what is left to do is not.
    if (signInState === "signedIn") byId("remember-form").hidden = !result.userConfirmationNecessary;
    else if (signInState === "confirmSignUp") page.go("confirm", "This account still waits for its code.");
    else if (signInState === "resetPassword") page.go("forgot", "The password of this account must be set anew.");
    else open(result, username);
  }

  function open(result, username, news = "") {
    // The service does not say whether an answer was right. It asks the same again, or something else.
    const before = asked && form.dataset.question === "customChallenge" ? lastParameters : undefined;
    lastParameters = result.signInState === "customChallenge" ? JSON.stringify(result.parameters) : undefined;
    close();
    const question = questions[result.signInState] ?? questions.unknown;
    asked = question(result, { username, answer, form });
    form.dataset.question = result.signInState;
    byId("question-title").textContent = asked.title;
    byId("question").replaceChildren(...asked.content);
    byId("answer").textContent = asked.button ?? "Continue";
    byId("answer").hidden = asked.button === null;
    page.setQuestion(true);
    page.go(
      "challenge",
      before === undefined || lastParameters === undefined ? news : afterAnswer(before === lastParameters),
      { username },
    );
  }

  function close() {
    asked?.close?.();
    asked = undefined;
    page.setQuestion(false);
    // Nothing that was typed or shown, such as a secret, outlives its question.
    byId("question").replaceChildren();
    delete form.dataset.question;
    clearFormError(form);
  }

  /** The history's entry remembers over a reload whom the question is for. */
  const whose = () => history.state?.username ?? "";

  async function answer(options) {
    try {
      take(await client.confirmSignIn(options));
    } catch (error) {
      await tellIfOver();
      throw error;
    }
  }

  /** The session of a question runs out, and some wrong answers end it: then there is nothing left to answer. */
  async function tellIfOver() {
    const open = await client.resumeSignIn();
    if (open || !asked) return;
    byId("question-title").textContent = "This sign-in is over";
    byId("question").replaceChildren("It took too long, or an answer ended it. Start again.");
    byId("answer").hidden = true;
    page.setQuestion(false);
  }

  onSubmit(form, (values) => answer(asked.options(values)));

  byId("start-over").addEventListener("click", () => {
    page.go("sign-in");
  });

  return {
    take,
    close,

    /** Goes on with a sign-in that was half done when the page was left. */
    async resume() {
      const result = await client.resumeSignIn();
      if (!result || !questions[result.signInState]) return;
      page.enterUsername(whose());
      if (page.mayShowQuestion()) return open(result, whose(), "Your sign-in goes on where it stopped.");
      const part = location.hash.slice(1);
      open(result, whose());
      page.go(part);
      page.notify("A sign-in is half done.", { to: "challenge", text: "Go on with it" });
    },
  };
}

const afterAnswer = (isSame) =>
  isSame ? "That was not the answer: the same question is asked again." : "Here is the next question.";
