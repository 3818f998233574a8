/// What an agent and an environment are, as the API shows them and as the topics `agents` and
/// `environments` carry them. Values only: everything in here is resolved and valid; what turns a
/// request into one of these is in `rules`.
@NullMarked
package io.steward.schemas.agent;

import org.jspecify.annotations.NullMarked;
