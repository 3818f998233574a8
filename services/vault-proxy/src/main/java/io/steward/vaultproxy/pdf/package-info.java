/// The program that reads a PDF, in a process of its own: a hostile document can fill its heap or
/// keep it busy, and nothing else. It knows nothing of the service.
@NullMarked
package io.steward.vaultproxy.pdf;

import org.jspecify.annotations.NullMarked;
