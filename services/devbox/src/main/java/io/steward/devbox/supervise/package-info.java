/// Child processes: started in their own session, started again when they die, stopped in order,
/// and never left behind, not even when this process is killed.
///
/// A child is started by the platform thread that waits for it and that lives as long as the child:
/// the kernel ties the parent-death signal to that thread.
@NullMarked
package io.steward.devbox.supervise;

import org.jspecify.annotations.NullMarked;
