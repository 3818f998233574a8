/// The demo model: a Messages API without a model behind it, for people who have no key yet.
@NullMarked
package io.steward.devbox.demo;

import org.jspecify.annotations.NullMarked;
