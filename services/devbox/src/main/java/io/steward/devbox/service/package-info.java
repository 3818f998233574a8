/// The five services as programs: their commands, their environments, their AOT caches.
@NullMarked
package io.steward.devbox.service;

import org.jspecify.annotations.NullMarked;
