/**
 * SQL Server: copies databases by backup and restore; on Amazon RDS by its tasks, on
 * Azure SQL Database by its own copies. All T-SQL that the engine sends is in {@code TSql}.
 */
@NullMarked
package io.instanceworker.provision.sqlserver;

import org.jspecify.annotations.NullMarked;
