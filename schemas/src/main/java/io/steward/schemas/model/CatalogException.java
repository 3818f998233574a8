package io.steward.schemas.model;

import java.io.IOException;

/// A catalog that breaks a rule. Its message is a sentence for the operator, which names the entry,
/// the field, the value and the rule; values that may be secrets are left out.
public final class CatalogException extends IOException {
  private static final long serialVersionUID = 1L;

  CatalogException(String sentence) {
    super(sentence);
  }

  /// The same sentence with the file it is about.
  CatalogException in(String file) {
    CatalogException located = new CatalogException(file + ": " + getMessage());
    located.setStackTrace(getStackTrace());
    return located;
  }
}
