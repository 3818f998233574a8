/// Rules of uploads and lists, and the table of files on a real PostgreSQL.
@NullMarked
package io.steward.sessionlog.files;

import org.jspecify.annotations.NullMarked;
