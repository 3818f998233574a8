/// The program that clones one repository, in a process of its own: it reads what to do from its
/// standard input and writes the archive to its standard output. It knows one token at most, and
/// nothing else of the service.
@NullMarked
package io.steward.vaultproxy.clone;

import org.jspecify.annotations.NullMarked;
