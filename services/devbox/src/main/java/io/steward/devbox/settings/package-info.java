/// What a start is given: the environment variables and the data directory, and how it is refused.
@NullMarked
package io.steward.devbox.settings;

import org.jspecify.annotations.NullMarked;
