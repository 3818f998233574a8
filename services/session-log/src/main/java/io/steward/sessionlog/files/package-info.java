/// `/v1/files`: bytes in the blob store, one row for each file in PostgreSQL. Uploads live until
/// they expire or are deleted; what a session wrote or was given lives as long as the session. The
/// row is not on the log: unlike the projection, it cannot be made again.
@NullMarked
package io.steward.sessionlog.files;

import org.jspecify.annotations.NullMarked;
