/** What one letter says, as messages of ICU MessageFormat. Where it is shown, subject and body are one of a locale. */
export interface LetterText {
  /** One line. */
  subject: string;
  /** Paragraphs, an empty line between two. A paragraph `[Label](link)` is a button. */
  body: string;
}

/** A letter that can be sent: the same words as plain text and as HTML. */
export interface RenderedLetter {
  subject: string;
  text: string;
  html: string;
}

/** What every letter may say of the one who sends it. */
export interface Brand {
  /** Of the cloud, e.g. `Example Cloud`. */
  name: string;
  /** Where its users find it; empty where there is no page. */
  url: string;
  /** Whom to write to; empty where nobody reads. */
  support: string;
}
