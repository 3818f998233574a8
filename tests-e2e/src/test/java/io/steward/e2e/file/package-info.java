/// Files, what sessions mount, and what they leave behind.
@NullMarked
package io.steward.e2e.file;

import org.jspecify.annotations.NullMarked;
