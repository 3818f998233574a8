package io.steward.vaultproxy.web;

import io.steward.vaultproxy.egress.WebUrl;

/// How a fetch ended.
public sealed interface WebResult {
  /// Holds no NUL, which not every database takes.
  ///
  /// @param url of the page, after redirects
  /// @param title empty when the page has none
  /// @param mediaType as in `text/html`, lower case
  /// @param truncated whether there is more on the page than in `text`
  record Fetched(WebUrl url, String title, String mediaType, String text, boolean truncated)
      implements WebResult {
    public Fetched {
      title = title.replace('\0', '\ufffd');
      text = text.replace('\0', '\ufffd');
    }
  }

  /// @param sentence says why, to the model
  record Refused(Reason reason, String sentence) implements WebResult {
    /// What the model reads.
    public String text() {
      return reason.wire + ": " + sentence;
    }
  }

  /// Names a refusal as the web fetch tool of the Messages API does.
  enum Reason {
    URL_TOO_LONG("url_too_long"),
    URL_NOT_ALLOWED("url_not_allowed"),
    URL_NOT_ACCESSIBLE("url_not_accessible"),
    UNSUPPORTED_CONTENT_TYPE("unsupported_content_type"),
    UNAVAILABLE("unavailable");

    private final String wire;

    Reason(String wire) {
      this.wire = wire;
    }

    public String wire() {
      return wire;
    }
  }
}
