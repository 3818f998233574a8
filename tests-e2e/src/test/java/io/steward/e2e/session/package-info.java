/// Sessions as resources: create, read, list, update, archive, delete; their events and threads.
@NullMarked
package io.steward.e2e.session;

import org.jspecify.annotations.NullMarked;
