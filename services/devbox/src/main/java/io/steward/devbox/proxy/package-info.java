/// The one public port: which service answers a path, and how a request gets there and back.
@NullMarked
package io.steward.devbox.proxy;

import org.jspecify.annotations.NullMarked;
