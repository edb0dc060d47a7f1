-- A small part of an Ed-Fi ODS: its schemas, and some tables with the names, types and keys that they have there.
CREATE EXTENSION pgcrypto; -- gen_random_uuid() on PostgreSQL 11 and 12

CREATE TABLE public.DeployJournal (
    SchemaVersionsId SERIAL PRIMARY KEY,
    ScriptName VARCHAR(255) NOT NULL,
    Applied TIMESTAMP NOT NULL
);

CREATE SCHEMA changes;
CREATE SEQUENCE changes.ChangeVersionSequence START WITH 1;

CREATE SCHEMA edfi;

CREATE TABLE edfi.SchoolYearType (
    SchoolYear SMALLINT NOT NULL,
    SchoolYearDescription VARCHAR(50) NOT NULL,
    CurrentSchoolYear BOOLEAN NOT NULL,
    CreateDate TIMESTAMP NOT NULL DEFAULT (now() AT TIME ZONE 'UTC'),
    LastModifiedDate TIMESTAMP NOT NULL DEFAULT (now() AT TIME ZONE 'UTC'),
    Id UUID NOT NULL DEFAULT gen_random_uuid(),
    ChangeVersion BIGINT NOT NULL DEFAULT nextval('changes.ChangeVersionSequence'),
    CONSTRAINT SchoolYearType_PK PRIMARY KEY (SchoolYear)
);

CREATE TABLE edfi.Descriptor (
    DescriptorId SERIAL NOT NULL,
    Namespace VARCHAR(255) NOT NULL,
    CodeValue VARCHAR(50) NOT NULL,
    ShortDescription VARCHAR(75) NOT NULL,
    Description VARCHAR(1024) NULL,
    EffectiveBeginDate DATE NULL,
    EffectiveEndDate DATE NULL,
    Discriminator VARCHAR(128) NOT NULL,
    Uri VARCHAR(306) NOT NULL,
    CreateDate TIMESTAMP NOT NULL DEFAULT (now() AT TIME ZONE 'UTC'),
    LastModifiedDate TIMESTAMP NOT NULL DEFAULT (now() AT TIME ZONE 'UTC'),
    Id UUID NOT NULL DEFAULT gen_random_uuid(),
    ChangeVersion BIGINT NOT NULL DEFAULT nextval('changes.ChangeVersionSequence'),
    CONSTRAINT Descriptor_PK PRIMARY KEY (DescriptorId),
    CONSTRAINT Descriptor_AK UNIQUE (CodeValue, Namespace)
);
CREATE UNIQUE INDEX UX_Descriptor_Id ON edfi.Descriptor (Id);

CREATE TABLE edfi.GradeLevelDescriptor (
    GradeLevelDescriptorId INT NOT NULL,
    CONSTRAINT GradeLevelDescriptor_PK PRIMARY KEY (GradeLevelDescriptorId),
    CONSTRAINT FK_GradeLevelDescriptor_Descriptor FOREIGN KEY (GradeLevelDescriptorId)
        REFERENCES edfi.Descriptor (DescriptorId) ON DELETE CASCADE
);

CREATE TABLE edfi.LocalEducationAgencyCategoryDescriptor (
    LocalEducationAgencyCategoryDescriptorId INT NOT NULL,
    CONSTRAINT LocalEducationAgencyCategoryDescriptor_PK PRIMARY KEY (LocalEducationAgencyCategoryDescriptorId),
    CONSTRAINT FK_LocalEducationAgencyCategoryDescriptor_Descriptor
        FOREIGN KEY (LocalEducationAgencyCategoryDescriptorId)
        REFERENCES edfi.Descriptor (DescriptorId) ON DELETE CASCADE
);

CREATE TABLE edfi.EducationOrganization (
    EducationOrganizationId INT NOT NULL,
    NameOfInstitution VARCHAR(75) NOT NULL,
    ShortNameOfInstitution VARCHAR(75) NULL,
    WebSite VARCHAR(255) NULL,
    Discriminator VARCHAR(128) NULL,
    CreateDate TIMESTAMP NOT NULL DEFAULT (now() AT TIME ZONE 'UTC'),
    LastModifiedDate TIMESTAMP NOT NULL DEFAULT (now() AT TIME ZONE 'UTC'),
    Id UUID NOT NULL DEFAULT gen_random_uuid(),
    ChangeVersion BIGINT NOT NULL DEFAULT nextval('changes.ChangeVersionSequence'),
    CONSTRAINT EducationOrganization_PK PRIMARY KEY (EducationOrganizationId)
);
CREATE UNIQUE INDEX UX_EducationOrganization_Id ON edfi.EducationOrganization (Id);

CREATE TABLE edfi.LocalEducationAgency (
    LocalEducationAgencyId INT NOT NULL,
    LocalEducationAgencyCategoryDescriptorId INT NOT NULL,
    ParentLocalEducationAgencyId INT NULL,
    CONSTRAINT LocalEducationAgency_PK PRIMARY KEY (LocalEducationAgencyId),
    CONSTRAINT FK_LocalEducationAgency_EducationOrganization FOREIGN KEY (LocalEducationAgencyId)
        REFERENCES edfi.EducationOrganization (EducationOrganizationId) ON DELETE CASCADE,
    CONSTRAINT FK_LocalEducationAgency_LocalEducationAgencyCategoryDescriptor
        FOREIGN KEY (LocalEducationAgencyCategoryDescriptorId)
        REFERENCES edfi.LocalEducationAgencyCategoryDescriptor (LocalEducationAgencyCategoryDescriptorId),
    CONSTRAINT FK_LocalEducationAgency_LocalEducationAgency FOREIGN KEY (ParentLocalEducationAgencyId)
        REFERENCES edfi.LocalEducationAgency (LocalEducationAgencyId)
);

CREATE TABLE edfi.School (
    SchoolId INT NOT NULL,
    LocalEducationAgencyId INT NULL,
    CONSTRAINT School_PK PRIMARY KEY (SchoolId),
    CONSTRAINT FK_School_EducationOrganization FOREIGN KEY (SchoolId)
        REFERENCES edfi.EducationOrganization (EducationOrganizationId) ON DELETE CASCADE,
    CONSTRAINT FK_School_LocalEducationAgency FOREIGN KEY (LocalEducationAgencyId)
        REFERENCES edfi.LocalEducationAgency (LocalEducationAgencyId)
);
CREATE INDEX FK_School_LocalEducationAgency ON edfi.School (LocalEducationAgencyId);

CREATE TABLE edfi.Student (
    StudentUSI SERIAL NOT NULL,
    StudentUniqueId VARCHAR(32) NOT NULL,
    FirstName VARCHAR(75) NOT NULL,
    MiddleName VARCHAR(75) NULL,
    LastSurname VARCHAR(75) NOT NULL,
    BirthDate DATE NOT NULL,
    Discriminator VARCHAR(128) NULL,
    CreateDate TIMESTAMP NOT NULL DEFAULT (now() AT TIME ZONE 'UTC'),
    LastModifiedDate TIMESTAMP NOT NULL DEFAULT (now() AT TIME ZONE 'UTC'),
    Id UUID NOT NULL DEFAULT gen_random_uuid(),
    ChangeVersion BIGINT NOT NULL DEFAULT nextval('changes.ChangeVersionSequence'),
    CONSTRAINT Student_PK PRIMARY KEY (StudentUSI)
);
CREATE UNIQUE INDEX Student_UI_StudentUniqueId ON edfi.Student (StudentUniqueId);
CREATE UNIQUE INDEX UX_Student_Id ON edfi.Student (Id);

CREATE TABLE edfi.StudentSchoolAssociation (
    EntryDate DATE NOT NULL,
    SchoolId INT NOT NULL,
    StudentUSI INT NOT NULL,
    EntryGradeLevelDescriptorId INT NOT NULL,
    PrimarySchool BOOLEAN NULL,
    SchoolYear SMALLINT NULL,
    ExitWithdrawDate DATE NULL,
    Discriminator VARCHAR(128) NULL,
    CreateDate TIMESTAMP NOT NULL DEFAULT (now() AT TIME ZONE 'UTC'),
    LastModifiedDate TIMESTAMP NOT NULL DEFAULT (now() AT TIME ZONE 'UTC'),
    Id UUID NOT NULL DEFAULT gen_random_uuid(),
    ChangeVersion BIGINT NOT NULL DEFAULT nextval('changes.ChangeVersionSequence'),
    CONSTRAINT StudentSchoolAssociation_PK PRIMARY KEY (EntryDate, SchoolId, StudentUSI),
    CONSTRAINT FK_StudentSchoolAssociation_GradeLevelDescriptor FOREIGN KEY (EntryGradeLevelDescriptorId)
        REFERENCES edfi.GradeLevelDescriptor (GradeLevelDescriptorId),
    CONSTRAINT FK_StudentSchoolAssociation_School FOREIGN KEY (SchoolId) REFERENCES edfi.School (SchoolId),
    CONSTRAINT FK_StudentSchoolAssociation_SchoolYearType FOREIGN KEY (SchoolYear)
        REFERENCES edfi.SchoolYearType (SchoolYear),
    CONSTRAINT FK_StudentSchoolAssociation_Student FOREIGN KEY (StudentUSI) REFERENCES edfi.Student (StudentUSI)
);
CREATE INDEX FK_StudentSchoolAssociation_Student ON edfi.StudentSchoolAssociation (StudentUSI);
CREATE UNIQUE INDEX UX_StudentSchoolAssociation_Id ON edfi.StudentSchoolAssociation (Id);

CREATE FUNCTION changes.UpdateChangeVersion() RETURNS trigger AS $$
BEGIN
    NEW.ChangeVersion := nextval('changes.ChangeVersionSequence');
    RETURN NEW;
END;
$$ LANGUAGE plpgsql;

CREATE TRIGGER UpdateChangeVersion BEFORE UPDATE ON edfi.Student
    FOR EACH ROW EXECUTE PROCEDURE changes.UpdateChangeVersion();
CREATE TRIGGER UpdateChangeVersion BEFORE UPDATE ON edfi.StudentSchoolAssociation
    FOR EACH ROW EXECUTE PROCEDURE changes.UpdateChangeVersion();

GRANT USAGE ON SCHEMA edfi, changes TO edfi_ods_api;
GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA edfi TO edfi_ods_api;
GRANT USAGE ON ALL SEQUENCES IN SCHEMA edfi, changes TO edfi_ods_api;
