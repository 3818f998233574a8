/// `POST /v1/sessions`.
@NullMarked
package io.steward.sessionlog.create;

import org.jspecify.annotations.NullMarked;
