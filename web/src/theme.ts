import type { ThemeConfig } from 'antd';

/** Dense and calm; every text colour holds 4.5:1 on its ground. */
export const appTheme: ThemeConfig = {
  token: {
    colorPrimary: '#0b5c8a',
    colorLink: '#0b5c8a',
    colorText: '#1c2733',
    colorTextSecondary: '#48566a',
    colorTextTertiary: '#556377',
    colorTextDescription: '#48566a',
    colorTextPlaceholder: '#5f6c7e',
    colorTextDisabled: '#5f6c7e',
    colorBorder: '#c5ced8',
    colorBorderSecondary: '#dfe5eb',
    colorBgLayout: '#eef2f5',
    borderRadius: 4,
    fontSize: 13,
    fontSizeSM: 12,
    controlHeight: 28,
    controlHeightSM: 24,
    padding: 12,
    paddingLG: 14,
    paddingMD: 12,
    paddingContentHorizontalLG: 14,
    fontFamily:
      "'PingFang SC','Microsoft YaHei','Noto Sans CJK SC','Noto Sans SC','Segoe UI',system-ui,sans-serif",
  },
  components: {
    Table: { headerBg: '#f3f6f9', headerColor: '#33415a', cellPaddingBlockSM: 3, cellPaddingInlineSM: 7 },
    Segmented: { itemSelectedBg: '#ffffff', trackBg: '#e3e9ee', itemColor: '#33415a' },
    Tag: { defaultColor: '#33415a', defaultBg: '#f3f6f9' },
    Drawer: { paddingLG: 14 },
    Descriptions: { labelBg: '#f3f6f9', labelColor: '#48566a', itemPaddingBottom: 4 },
  },
};
