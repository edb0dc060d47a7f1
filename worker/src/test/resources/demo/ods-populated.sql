-- What the populated template holds beyond the minimal one: a district, three schools and their (invented) students.
INSERT INTO edfi.EducationOrganization
    (EducationOrganizationId, NameOfInstitution, ShortNameOfInstitution, WebSite, Discriminator)
VALUES
    (255901, 'Grand Bend ISD', 'GBISD', 'http://www.example.org/gbisd/', 'edfi.LocalEducationAgency'),
    (255901001, 'Grand Bend High School', 'GBHS', 'http://www.example.org/gbisd/gbhs/', 'edfi.School'),
    (255901044, 'Grand Bend Middle School', 'GBMS', 'http://www.example.org/gbisd/gbms/', 'edfi.School'),
    (255901107, 'Grand Bend Elementary School', 'GBES', 'http://www.example.org/gbisd/gbes/', 'edfi.School');

INSERT INTO edfi.LocalEducationAgency (LocalEducationAgencyId, LocalEducationAgencyCategoryDescriptorId)
SELECT 255901, DescriptorId FROM edfi.Descriptor WHERE CodeValue = 'Independent';

INSERT INTO edfi.School (SchoolId, LocalEducationAgencyId)
SELECT EducationOrganizationId, 255901 FROM edfi.EducationOrganization WHERE Discriminator = 'edfi.School';

WITH enrolled (StudentUniqueId, FirstName, MiddleName, LastSurname, BirthDate, SchoolId, Grade) AS (VALUES
    ('604821', 'Amina', NULL, 'Okafor', DATE '2005-03-14', 255901001, 'Twelfth grade'),
    ('604822', 'Zoë', 'Marie', 'Núñez', DATE '2005-11-02', 255901001, 'Twelfth grade'),
    ('604823', 'Daniel', NULL, 'O''Brien', DATE '2006-07-21', 255901001, 'Eleventh grade'),
    ('604824', 'Mei', NULL, 'Zhang', DATE '2007-01-09', 255901001, 'Tenth grade'),
    ('604825', 'Łukasz', 'Jan', 'Wójcik', DATE '2008-05-30', 255901001, 'Ninth grade'),
    ('604826', 'Priya', NULL, 'Raman', DATE '2009-09-17', 255901044, 'Eighth grade'),
    ('604827', 'Samuel', 'Lee', 'Whitehorse', DATE '2010-02-25', 255901044, 'Seventh grade'),
    ('604828', 'Noor', NULL, 'Haddad', DATE '2011-08-06', 255901044, 'Sixth grade'),
    ('604829', 'Grace', 'Ann', 'Thompson', DATE '2012-04-11', 255901107, 'Fifth grade'),
    ('604830', 'Mateo', NULL, 'García López', DATE '2014-12-19', 255901107, 'Third grade'),
    ('604831', 'Ella', NULL, 'van der Meer', DATE '2016-06-03', 255901107, 'First grade'),
    ('604832', 'Jonah', NULL, 'Kealoha', DATE '2017-10-28', 255901107, 'Kindergarten')
), student AS (
    INSERT INTO edfi.Student (StudentUniqueId, FirstName, MiddleName, LastSurname, BirthDate, Discriminator)
    SELECT StudentUniqueId, FirstName, MiddleName, LastSurname, BirthDate, 'edfi.Student' FROM enrolled
    RETURNING StudentUSI, StudentUniqueId
)
INSERT INTO edfi.StudentSchoolAssociation
    (EntryDate, SchoolId, StudentUSI, EntryGradeLevelDescriptorId, PrimarySchool, SchoolYear, Discriminator)
SELECT DATE '2022-08-22', enrolled.SchoolId, student.StudentUSI, grade.DescriptorId, true, 2023,
       'edfi.StudentSchoolAssociation'
FROM enrolled
JOIN student USING (StudentUniqueId)
JOIN edfi.Descriptor grade ON grade.CodeValue = enrolled.Grade;
