// SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause
/*
 * What debugfs shows: the files, the providers, the live objects.
 */
#include <linux/dcache.h>
#include <linux/debugfs.h>
#include <linux/module.h>
#include <linux/seq_file.h>

#include "../../shim/core/core.h"
#include "fake_prov.h"

#define V1_0	KFI_VERSION(1, 0)
#define V1_1	KFI_VERSION(1, 1)

#define DEBUGFS_TEXT	8192

/* Is this line in the text that a file would have? Asserts. */
static bool debugfs_has_line(struct kunit *test,
			     void (*show)(struct seq_file *m), const char *line)
{
	struct seq_file m = { .size = DEBUGFS_TEXT };
	char *text = kunit_kzalloc(test, DEBUGFS_TEXT, GFP_KERNEL);
	char *next;

	KUNIT_ASSERT_NOT_NULL(test, text);
	m.buf = text;
	show(&m);
	KUNIT_ASSERT_LT(test, m.count, m.size);

	while ((next = strsep(&text, "\n")))
		if (!strcmp(next, line))
			return true;
	return false;
}

static void debugfs_has_file(struct kunit *test, struct dentry *dir,
			     const char *name)
{
	struct dentry *file = debugfs_lookup(name, dir);

	KUNIT_EXPECT_NOT_NULL_MSG(test, file, "%s", name);
	dput(file);
}

static void debugfs_files_test(struct kunit *test)
{
	struct dentry *dir = debugfs_lookup("kfabric", NULL);

	KUNIT_ASSERT_NOT_NULL(test, dir);
	debugfs_has_file(test, dir, "version");
	debugfs_has_file(test, dir, "providers");
	debugfs_has_file(test, dir, "objects");
	dput(dir);
}

/*
 * Providers
 */

static void debugfs_expect_provider(struct kunit *test, const char *line,
				    bool there)
{
	KUNIT_EXPECT_EQ_MSG(test, there,
			    debugfs_has_line(test, kfi_provider_show_all, line),
			    "%s", line);
}

static void debugfs_providers_test(struct kunit *test)
{
	static const char alone[] =
		"a version=3.21 api=1.7 refs=1 module=kernel";
	static const char open[] =
		"a version=3.21 api=1.7 refs=2 module=kernel";
	struct fake_prov *a = fake_prov_start(test, "a", KFI_VERSION(3, 21));
	struct kfid_fabric *fabric;

	debugfs_expect_provider(test, alone, true);
	fabric = fake_prov_open(test, a);
	debugfs_expect_provider(test, alone, false);
	debugfs_expect_provider(test, open, true);
	KUNIT_EXPECT_EQ(test, 0, kfi_close(&fabric->fid));
	debugfs_expect_provider(test, alone, true);

	fake_prov_deregister(a);
	debugfs_expect_provider(test, alone, false);
}

static void debugfs_provider_module_test(struct kunit *test)
{
	struct fake_prov *a = fake_prov_get(test, "a", V1_0);
	char line[128];

	kfi_provider_set_owner(&a->prov, THIS_MODULE);
	KUNIT_ASSERT_EQ(test, 0, fake_prov_register(a));
	snprintf(line, sizeof(line), "a version=1.0 api=1.7 refs=1 module=%s",
		 module_name(THIS_MODULE));
	debugfs_expect_provider(test, line, true);
}

static void debugfs_hidden_provider_test(struct kunit *test)
{
	static const char hidden[] =
		"a version=1.0 api=1.7 refs=1 module=kernel hidden";
	struct fake_prov *new;

	fake_prov_start(test, "a", V1_0);
	fake_prov_start(test, "b", V1_0);
	debugfs_expect_provider(test, hidden, false);

	new = fake_prov_start(test, "a", V1_1);
	debugfs_expect_provider(test, hidden, true);
	debugfs_expect_provider(test,
				"a version=1.1 api=1.7 refs=1 module=kernel",
				true);
	debugfs_expect_provider(test,
				"b version=1.0 api=1.7 refs=1 module=kernel",
				true);

	fake_prov_deregister(new);
	debugfs_expect_provider(test, hidden, false);
}

/*
 * Objects
 */

struct debugfs_object {
	struct kfid fid;
	struct kfi_fid_node node;
	int value;
};

static void debugfs_show_value(struct seq_file *m, struct kfid *fid)
{
	seq_printf(m, " value=%d",
		   container_of(fid, struct debugfs_object, fid)->value);
}

static const struct kfi_fid_type debugfs_plain_type = {
	.fclass = KFI_CLASS_FABRIC,
	.name = "plain",
};

static const struct kfi_fid_type debugfs_value_type = {
	.fclass = KFI_CLASS_DOMAIN,
	.name = "valued",
	.show = debugfs_show_value,
};

static struct kfi_ops debugfs_ops = { .size = sizeof(struct kfi_ops) };

static void debugfs_start(struct kunit *test, struct debugfs_object *obj,
			  const struct kfi_fid_type *type, struct kfid *parent)
{
	KUNIT_ASSERT_EQ(test, 0, kfi_fid_init(&obj->node, &obj->fid, type,
					      &debugfs_ops, parent, NULL));
}

static void debugfs_stop(struct kunit *test, struct debugfs_object *obj)
{
	KUNIT_EXPECT_EQ(test, 0, kfi_fid_retire(&obj->node));
	kfi_fid_fini(&obj->node);
}

static void debugfs_expect_object(struct kunit *test,
				  const struct kfi_fid_node *node,
				  const char *facts, bool there)
{
	char line[128];

	snprintf(line, sizeof(line), "%u %s %s", node->id, node->type->name,
		 facts);
	KUNIT_EXPECT_EQ_MSG(test, there,
			    debugfs_has_line(test, kfi_fid_show_all, line),
			    "%s", line);
}

static void debugfs_objects_test(struct kunit *test)
{
	struct debugfs_object parent;
	struct debugfs_object child = { .value = 42 };
	char facts[64];

	debugfs_start(test, &parent, &debugfs_plain_type, NULL);
	debugfs_start(test, &child, &debugfs_value_type, &parent.fid);
	snprintf(facts, sizeof(facts), "parent=%u refs=1 value=42",
		 parent.node.id);

	debugfs_expect_object(test, &parent.node, "parent=0 refs=2", false);
	kfi_fid_publish(&parent.node);
	debugfs_expect_object(test, &parent.node, "parent=0 refs=2", true);
	debugfs_expect_object(test, &child.node, facts, false);
	kfi_fid_publish(&child.node);
	debugfs_expect_object(test, &child.node, facts, true);

	debugfs_stop(test, &child);
	debugfs_expect_object(test, &child.node, facts, false);
	debugfs_expect_object(test, &parent.node, "parent=0 refs=1", true);
	debugfs_stop(test, &parent);
	debugfs_expect_object(test, &parent.node, "parent=0 refs=1", false);
}

static void debugfs_busy_object_stays_test(struct kunit *test)
{
	struct debugfs_object obj;

	debugfs_start(test, &obj, &debugfs_plain_type, NULL);
	kfi_fid_publish(&obj.node);
	kfi_ref_id(&obj.fid);
	KUNIT_EXPECT_EQ(test, -EBUSY, kfi_fid_retire(&obj.node));
	debugfs_expect_object(test, &obj.node, "parent=0 refs=2", true);
	kfi_deref_id(&obj.fid);
	debugfs_stop(test, &obj);
}

static struct kunit_case debugfs_kunit_cases[] = {
	KUNIT_CASE(debugfs_files_test),
	KUNIT_CASE(debugfs_providers_test),
	KUNIT_CASE(debugfs_provider_module_test),
	KUNIT_CASE(debugfs_hidden_provider_test),
	KUNIT_CASE(debugfs_objects_test),
	KUNIT_CASE(debugfs_busy_object_stays_test),
	{}
};

static struct kunit_suite debugfs_suite = {
	.name = "kfi_core_debugfs",
	.test_cases = debugfs_kunit_cases,
};

kunit_test_suite(debugfs_suite);

MODULE_IMPORT_NS(EXPORTED_FOR_KUNIT_TESTING);
