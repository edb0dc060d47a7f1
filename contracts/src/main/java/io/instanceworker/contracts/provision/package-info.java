/**
 * What a database engine must offer so that the worker can provision instances on it: the interface for plugins.
 *
 * <p>An engine is a jar with an {@link io.instanceworker.contracts.provision.InstanceProvisionerFactory} named in
 * {@code META-INF/services}. The worker decides what may be done to which database; an engine does it.
 */
@NullMarked
package io.instanceworker.contracts.provision;

import org.jspecify.annotations.NullMarked;
