package io.steward.vaultproxy.clone;

import org.eclipse.jgit.lib.Constants;
import org.eclipse.jgit.lib.ObjectId;
import org.jspecify.annotations.Nullable;

/// What is checked out.
///
/// @param branch without `refs/heads/`; null when no branch is
/// @param commit null in a repository without commits
record Head(@Nullable String branch, @Nullable ObjectId commit) {
  /// What the file `HEAD` holds.
  String text() {
    return branch != null
        ? "ref: " + Constants.R_HEADS + branch + "\n"
        : ObjectId.toString(commit) + "\n";
  }
}
