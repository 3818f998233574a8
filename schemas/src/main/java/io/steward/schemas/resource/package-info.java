/// What a session is given besides its messages: files and repositories (contract/core.md §6).
@NullMarked
package io.steward.schemas.resource;

import org.jspecify.annotations.NullMarked;
