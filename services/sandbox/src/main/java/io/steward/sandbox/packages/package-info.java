/// The packages of environments: which are asked for, how they are installed without touching the
/// machine, and the cache that makes the second sandbox of an environment start at once. Installers
/// run code of strangers, so they run isolated, too, and see no secret of the service.
@NullMarked
package io.steward.sandbox.packages;

import org.jspecify.annotations.NullMarked;
