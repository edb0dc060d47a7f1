/** Everything that is PostgreSQL, 11 to 18, as a plain role with CREATEDB and no superuser. */
@NullMarked
package io.instanceworker.provision.postgres;

import org.jspecify.annotations.NullMarked;
